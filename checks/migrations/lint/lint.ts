// Reads pending files in their order, the way the database will see them: what one file creates is new for the next.
import type { Node } from "../grammar.ts";
import { lineOf, type Script } from "../script.ts";
import { alterTable } from "./alter-table.ts";
import { keyOf, type LintContext, renderSize, type TableName } from "./context.ts";
import * as functionRules from "./function-rules.ts";
import * as lockRules from "./lock-rules.ts";
import { LOCK_MODES, type Lock, locksOf } from "./locks.ts";
import * as lossRules from "./loss-rules.ts";
import { RULE_NAMES } from "./names.ts";
import type { ExistingTable, Finding, Remark, Rule, Surroundings } from "./rule.ts";

export interface FileReport {
  script: Script;
  findings: Finding[];
  /** The strongest lock on each table that existed before, sizes included: `orders (12 rows, 0.1 MiB)`. */
  locks: { table: string; mode: string }[];
}

const RULES: Rule[] = [
  alterTable,
  ...[lockRules, lossRules, functionRules].flatMap((group) => Object.values(group)),
];

export function lint(scripts: Script[], context: LintContext): FileReport[] {
  const created = new Set<string>();
  return scripts.map((script) => {
    const existing = (table: TableName | undefined): ExistingTable | undefined => {
      if (!table || created.has(keyOf(table))) return undefined;
      const facts = context.tables?.get(keyOf(table)) ?? anySchema(context, table);
      if (context.tables && !facts) return undefined;
      return { shown: facts ? `${keyOf(table)} (${renderSize(facts)})` : keyOf(table), facts };
    };
    const around: Surroundings = { existing, transactional: script.transactional };
    const findings: Finding[] = wholeFile(script, context).map((remark) => placed(script, 0, remark));
    const locks: Lock[] = [];
    for (const { node, offset } of script.statements) {
      for (const rule of RULES)
        findings.push(...rule(node, around).map((remark) => placed(script, offset, remark)));
      locks.push(...locksOf(node).filter(({ table }) => existing(table)));
      remember(node, created, context);
    }
    return { script, findings, locks: strongest(locks, (table) => existing(table)?.shown ?? table.name) };
  });
}

function wholeFile(script: Script, context: LintContext): Remark[] {
  const remarks: Remark[] = [];
  if (script.syntax)
    remarks.push({
      rule: "syntax",
      severity: "error",
      message: script.syntax.message,
      fix: "correct the statement",
    });
  if (context.statementTimeoutSeconds === 0 && script.statementTimeoutSeconds === undefined)
    remarks.push({
      rule: "missing-timeout",
      severity: "warning",
      message: "no limit for a statement: statementTimeoutSeconds is 0",
      fix: "set statementTimeoutSeconds, or write -- greenlight: statement-timeout-seconds N",
    });
  if (!script.hasVerify)
    remarks.push({
      rule: "missing-verify",
      severity: "notice",
      message: "nothing proves what the file did",
      fix: "end it with a line -- verify and SELECTs that must be true",
    });
  if (!script.hasDown)
    remarks.push({
      rule: "missing-down",
      severity: "notice",
      message: "without a down file only a restore of the backup takes it back",
      fix: `add ${script.file.path.replace(/\.sql$/, ".down.sql")}`,
    });
  for (const { rule } of script.allowances)
    if (!RULE_NAMES.includes(rule))
      remarks.push({
        rule: "unknown-rule",
        severity: "warning",
        message: `allows "${rule}", which is no rule`,
        fix: `name one of ${RULE_NAMES.join(", ")}`,
      });
  return remarks;
}

function placed(script: Script, offset: number, remark: Remark): Finding {
  const at = remark.rule === "syntax" ? (script.syntax?.offset ?? 0) : offset;
  const allowance = script.allowances.find(({ rule }) => rule === remark.rule);
  return {
    ...remark,
    file: script.file.path,
    line: lineOf(script.file.sql, at),
    ...(allowance ? { allowed: allowance.reason } : {}),
  };
}

/** A name without schema is looked for in all of them: which one the role's search_path means is not known here. */
function anySchema(context: LintContext, { schema, name }: TableName) {
  if (schema !== undefined) return undefined;
  const candidates = [...(context.tables ?? [])].filter(([key]) => key.endsWith(`.${name}`));
  return candidates.map(([, facts]) => facts).sort((a, b) => b.bytes - a.bytes)[0];
}

/** IF NOT EXISTS makes nothing where the table is known to be there. */
function remember(node: Node, created: Set<string>, context: LintContext): void {
  const add = (relation: { schemaname?: string; relname?: string } | undefined, ifNotExists = false) => {
    if (!relation?.relname) return;
    const key = keyOf({ schema: relation.schemaname, name: relation.relname });
    if (!(ifNotExists && context.tables?.has(key))) created.add(key);
  };
  if ("CreateStmt" in node) add(node.CreateStmt.relation, node.CreateStmt.if_not_exists);
  if ("CreateTableAsStmt" in node)
    add(node.CreateTableAsStmt.into?.rel, node.CreateTableAsStmt.if_not_exists);
  if ("AlterObjectSchemaStmt" in node && node.AlterObjectSchemaStmt.objectType === "OBJECT_TABLE") {
    const { relation, newschema } = node.AlterObjectSchemaStmt;
    if (relation?.relname && created.has(keyOf({ schema: relation.schemaname, name: relation.relname })))
      add({ ...relation, schemaname: newschema });
  }
  if ("RenameStmt" in node && node.RenameStmt.renameType === "OBJECT_TABLE") {
    const { relation, newname } = node.RenameStmt;
    if (relation?.relname && created.has(keyOf({ schema: relation.schemaname, name: relation.relname })))
      add({ ...relation, relname: newname });
  }
}

function strongest(locks: Lock[], shown: (table: TableName) => string): { table: string; mode: string }[] {
  const modes = new Map<string, number>();
  for (const { table, mode } of locks) {
    const name = shown(table);
    modes.set(name, Math.max(modes.get(name) ?? 0, LOCK_MODES.indexOf(mode)));
  }
  return [...modes].map(([table, mode]) => ({ table, mode: LOCK_MODES[mode] ?? "ACCESS EXCLUSIVE" }));
}
