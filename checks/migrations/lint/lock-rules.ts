// Rules for what holds a lock longer than the application can wait.
import type { Node } from "../grammar.ts";
import { isConcurrent } from "../index-repair.ts";
import { weighed } from "./alter-table.ts";
import { tableOf } from "./existing.ts";
import type { Rule } from "./rule.ts";

export const index: Rule = (node, around) => {
  if (!("IndexStmt" in node) || node.IndexStmt.concurrent) return [];
  const table = tableOf(node.IndexStmt.relation, around);
  if (!table) return [];
  return [
    {
      rule: "index-not-concurrent",
      severity: weighed(table),
      message: `CREATE INDEX stops every write to ${table.shown} until it is built`,
      fix: "CREATE INDEX CONCURRENTLY in a file of its own with -- greenlight: no-transaction",
    },
  ];
};

export const reindex: Rule = (node, around) => {
  if (!("ReindexStmt" in node)) return [];
  if (isConcurrent(node)) return [];
  const { relation, kind } = node.ReindexStmt;
  const table = kind === "REINDEX_OBJECT_TABLE" ? tableOf(relation, around) : undefined;
  if (kind === "REINDEX_OBJECT_TABLE" && !table) return [];
  return [
    {
      rule: "index-not-concurrent",
      severity: table ? weighed(table) : "warning",
      message: `REINDEX stops writes to ${table?.shown ?? "the table"} until it is done`,
      fix: "REINDEX … CONCURRENTLY in a file of its own with -- greenlight: no-transaction",
    },
  ];
};

export const wholeTable: Rule = (node, around) => {
  const vacuum = "VacuumStmt" in node ? node.VacuumStmt : undefined;
  const full = vacuum?.options?.some((o) => "DefElem" in o && o.DefElem.defname === "full");
  const rels = (vacuum?.rels ?? []).flatMap((r) =>
    "VacuumRelation" in r ? [r.VacuumRelation.relation] : [],
  );
  const cluster = "ClusterStmt" in node ? [node.ClusterStmt.relation] : [];
  return [...(full ? rels : []), ...cluster].flatMap((relation) => {
    const table = tableOf(relation, around);
    if (!table) return [];
    return [
      {
        rule: "table-rewrite",
        severity: weighed(table),
        message: `rewrites ${table.shown} while nobody can use it`,
        fix: "plain VACUUM, or pg_repack outside a release",
      },
    ];
  });
};

export const refresh: Rule = (node, around) => {
  if (!("RefreshMatViewStmt" in node) || node.RefreshMatViewStmt.concurrent) return [];
  const view = tableOf(node.RefreshMatViewStmt.relation, around);
  if (!view) return [];
  return [
    {
      rule: "refresh-not-concurrent",
      severity: weighed(view, "warning"),
      message: `REFRESH stops every reader of ${view.shown} until it is done`,
      fix: "REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index",
    },
  ];
};

export const lockTable: Rule = (node, around) => {
  if (!("LockStmt" in node)) return [];
  return (node.LockStmt.relations ?? []).flatMap((relation) => {
    const table = "RangeVar" in relation ? tableOf(relation.RangeVar, around) : undefined;
    if (!table) return [];
    return [
      {
        rule: "lock-table",
        severity: "warning",
        message: `locks ${table.shown} until the file is committed`,
        fix: "let the statements take their own locks",
      },
    ];
  });
};

/** The runner sets both limits; a file that takes them away waits, and lets the application wait, for ever. */
export const timeoutRemoved: Rule = (node) => {
  if (!("VariableSetStmt" in node)) return [];
  const { name, kind, args = [] } = node.VariableSetStmt;
  if (name !== "lock_timeout" && name !== "statement_timeout") return [];
  const [value] = args;
  const constant = value && "A_Const" in value ? value.A_Const : undefined;
  const none =
    kind === "VAR_SET_DEFAULT" ||
    kind === "VAR_RESET" ||
    (constant?.ival !== undefined && (constant.ival.ival ?? 0) === 0) ||
    /^0+\s*[a-z]*$/.test(constant?.sval?.sval ?? "-");
  if (!none) return [];
  return [
    {
      rule: "missing-timeout",
      severity: "error",
      message: `${name} is taken away, so that the file may wait without end and all queries behind it`,
      fix: "set a limit, or write -- greenlight: statement-timeout-seconds N",
    },
  ];
};

/** What PostgreSQL refuses to do within a transaction. */
export const needsNoTransaction: Rule = (node, around) => {
  if (!around.transactional) return [];
  const what = outsideOnly(node);
  if (!what) return [];
  return [
    {
      rule: "needs-no-transaction",
      severity: "error",
      message: `${what} cannot run in a transaction`,
      fix: "put it into a file of its own with -- greenlight: no-transaction",
    },
  ];
};

function outsideOnly(node: Node): string | undefined {
  if (isConcurrent(node)) return "CONCURRENTLY";
  if ("VacuumStmt" in node && node.VacuumStmt.is_vacuumcmd) return "VACUUM";
  if ("CreatedbStmt" in node) return "CREATE DATABASE";
  if ("DropdbStmt" in node) return "DROP DATABASE";
  if ("AlterSystemStmt" in node) return "ALTER SYSTEM";
  if ("CreateTableSpaceStmt" in node) return "CREATE TABLESPACE";
  if ("DropTableSpaceStmt" in node) return "DROP TABLESPACE";
  return undefined;
}
