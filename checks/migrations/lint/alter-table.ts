// Rules for ALTER TABLE: scans and rewrites under a lock that stops the application, and changes that running versions of it
// do not survive.
import type { Node } from "../grammar.ts";
import { isSmall } from "./context.ts";
import type { ExistingTable, Remark, Severity, Surroundings } from "./rule.ts";

type Command = Extract<Node, { AlterTableCmd: unknown }>["AlterTableCmd"];
type Column = Extract<Node, { ColumnDef: unknown }>["ColumnDef"];
type Constraint = Extract<Node, { Constraint: unknown }>["Constraint"];

export function alterTable(node: Node, around: Surroundings): Remark[] {
  if (!("AlterTableStmt" in node) || node.AlterTableStmt.objtype !== "OBJECT_TABLE") return [];
  const { relation, cmds = [] } = node.AlterTableStmt;
  const table = around.existing(
    relation?.relname ? { schema: relation.schemaname, name: relation.relname } : undefined,
  );
  if (!table) return [];
  return cmds.flatMap((cmd) => ("AlterTableCmd" in cmd ? command(cmd.AlterTableCmd, table) : []));
}

function command(cmd: Command, table: ExistingTable): Remark[] {
  const { def } = cmd;
  switch (cmd.subtype) {
    case "AT_AddColumn":
      return def && "ColumnDef" in def ? addColumn(def.ColumnDef, table) : [];
    case "AT_AlterColumnType":
      return def && "ColumnDef" in def ? [columnType(cmd.name ?? "", def.ColumnDef, table)] : [];
    case "AT_SetNotNull":
      return [
        {
          rule: "set-not-null",
          severity: weighed(table, "warning"),
          message: `SET NOT NULL reads ${table.shown} whole while nobody can use it`,
          fix: "add CHECK (… IS NOT NULL) NOT VALID, validate it in a later file, then SET NOT NULL is instant",
        },
      ];
    case "AT_DropColumn":
      return [
        {
          rule: "drop-column",
          severity: "error",
          message: `drops ${table.shown}.${cmd.name}: its data is lost and the version still running may read it`,
          fix: "release a version that does not use the column first, then drop it in a later release",
        },
      ];
    case "AT_AddConstraint":
      return def && "Constraint" in def ? constraint(def.Constraint, table) : [];
    case "AT_SetTableSpace":
    case "AT_SetLogged":
    case "AT_SetUnLogged":
    case "AT_SetAccessMethod":
      return [rewrite(table, "this change")];
    default:
      return [];
  }
}

function addColumn(column: Column, table: ExistingTable): Remark[] {
  const constraints = (column.constraints ?? []).flatMap((c) => ("Constraint" in c ? [c.Constraint] : []));
  const has = (kind: Constraint["contype"]) => constraints.find((c) => c.contype === kind);
  const type = column.typeName?.names?.at(-1);
  const typeName = type && "String" in type ? (type.String.sval ?? "") : "";
  const serial = /serial\d?$/.test(typeName);
  const filled = has("CONSTR_DEFAULT") ?? has("CONSTR_GENERATED") ?? has("CONSTR_IDENTITY");
  const remarks: Remark[] = [];
  if (has("CONSTR_NOTNULL") && !filled && !serial)
    remarks.push({
      rule: "not-null-without-default",
      severity: table.facts?.rows === 0 && table.facts.bytes === 0 ? "notice" : "error",
      message: `adds NOT NULL column ${column.colname} without a default: fails when ${table.shown} has a row`,
      fix: "give it a constant default, or add it nullable, fill it in batches and SET NOT NULL later",
    });
  if (serial || has("CONSTR_IDENTITY")) remarks.push(rewrite(table, "a column that counts"));
  else if (has("CONSTR_GENERATED") && has("CONSTR_GENERATED")?.generated_kind !== "v")
    remarks.push(rewrite(table, "a stored generated column"));
  const fallback = has("CONSTR_DEFAULT")?.raw_expr;
  const call = fallback ? volatileCall(fallback) : undefined;
  if (call) remarks.push(rewrite(table, `the default ${call}() is computed for every row, which`));
  for (const inline of constraints) remarks.push(...constraint(inline, table));
  return remarks;
}

function rewrite(table: ExistingTable, what: string): Remark {
  return {
    rule: "table-rewrite",
    severity: weighed(table),
    message: `${what} rewrites ${table.shown} and its indexes while nobody can use it`,
    fix: "add the column empty, set the default for new rows in a second statement, fill old rows in batches",
  };
}

function columnType(name: string, column: Column, table: ExistingTable): Remark {
  const type = column.typeName?.names?.at(-1);
  const target = type && "String" in type ? (type.String.sval ?? "") : "";
  const length = lengthOf(column);
  const lengths = table.facts?.lengths;
  const isList = column.typeName?.arrayBounds !== undefined;
  const ofText = (target === "text" || target === "varchar") && !isList && !column.raw_default;
  // A shorter length has every value read and written again. Where the column is not known, only any length is surely enough.
  const free = ofText && (lengths ? widens(lengths[name], length) : length === null);
  return {
    rule: "table-rewrite",
    severity: free ? "notice" : weighed(table),
    message: free
      ? `${table.shown}.${name} becomes ${target}${length === null ? "" : `(${length})`}: no rewrite${lengths ? "" : " when it is varchar now, else the table is rewritten"}`
      : `the new type of ${table.shown}.${name} rewrites the table and its indexes while nobody can use it`,
    fix: "add a new column, write both, fill it in batches, switch the application, drop the old one later",
  };
}

/** @param old null for any length, undefined when it is neither text nor varchar now */
function widens(old: number | null | undefined, length: number | null): boolean {
  if (old === undefined) return false;
  return length === null || (old !== null && old <= length);
}

/** The length of `varchar(100)`; null where none is given. */
function lengthOf(column: Column): number | null {
  const [modifier] = column.typeName?.typmods ?? [];
  if (!modifier) return null;
  return "A_Const" in modifier ? (modifier.A_Const.ival?.ival ?? 0) : 0;
}

function constraint(wanted: Constraint, table: ExistingTable): Remark[] {
  const named = wanted.conname ? `constraint ${wanted.conname}` : "the constraint";
  const checks = wanted.contype === "CONSTR_CHECK" || wanted.contype === "CONSTR_FOREIGN";
  if (checks && !wanted.skip_validation)
    return [
      {
        rule: "constraint-without-not-valid",
        severity: weighed(table),
        message: `${named} is checked against every row of ${table.shown} while writers wait`,
        fix: "add it NOT VALID and run VALIDATE CONSTRAINT in a later file",
      },
    ];
  const unique = wanted.contype === "CONSTR_UNIQUE" || wanted.contype === "CONSTR_PRIMARY";
  if (unique && !wanted.indexname)
    return [
      {
        rule: "unique-without-index",
        severity: weighed(table),
        message: `${named} builds its index on ${table.shown} while nobody can use the table`,
        fix: "CREATE UNIQUE INDEX CONCURRENTLY in a no-transaction file, then ADD CONSTRAINT … USING INDEX",
      },
    ];
  return [];
}

/** On a small table the work is over before the lock timeout. */
export function weighed(table: ExistingTable, severity: Severity = "error"): Severity {
  return table.facts && isSmall(table.facts) ? "notice" : severity;
}

// Not volatile: the value is computed once and kept in the catalog, so that no row is touched.
const STABLE = new Set([
  "now",
  "transaction_timestamp",
  "statement_timestamp",
  "current_setting",
  "current_database",
  "lower",
  "upper",
  "concat",
  "coalesce",
  "make_interval",
  "make_date",
  "make_timestamptz",
  "to_timestamp",
  "date_trunc",
  "timezone",
  "jsonb_build_object",
  "jsonb_build_array",
  "json_build_object",
  "json_build_array",
  "array_fill",
  "encode",
  "decode",
  "length",
]);

/** The first function in a default that is, or may be, volatile. */
function volatileCall(node: Node): string | undefined {
  if ("FuncCall" in node) {
    const last = node.FuncCall.funcname?.at(-1);
    const name = last && "String" in last ? (last.String.sval ?? "") : "";
    if (!STABLE.has(name)) return name;
  }
  for (const value of Object.values(node)) {
    const found = inside(value);
    if (found) return found;
  }
  return undefined;
}

function inside(value: unknown): string | undefined {
  if (value === null || typeof value !== "object") return undefined;
  if (Array.isArray(value)) return value.map(inside).find((found) => found !== undefined);
  return volatileCall(value as Node);
}
