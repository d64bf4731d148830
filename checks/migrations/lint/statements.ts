// Rules for every statement but ALTER TABLE.
import type { Node } from "../grammar.ts";
import { isConcurrent } from "../index-repair.ts";
import { weighed } from "./alter-table.ts";
import { dropped } from "./locks.ts";
import type { ExistingTable, Remark, Rule, Surroundings } from "./rule.ts";

interface Relation {
  schemaname?: string;
  relname?: string;
}

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

export const drop: Rule = (node, around) => {
  if (!("DropStmt" in node)) return [];
  const { removeType, concurrent, objects = [] } = node.DropStmt;
  if (removeType === "OBJECT_INDEX" && !concurrent)
    return [
      {
        rule: "drop-index-not-concurrent",
        severity: "warning",
        message: "DROP INDEX waits for every query on its table and stops those that come after it",
        fix: "DROP INDEX CONCURRENTLY in a file of its own with -- greenlight: no-transaction",
      },
    ];
  if (removeType === "OBJECT_SCHEMA")
    return objects.map(() =>
      loss("drop-table", "drops a schema: its data is lost", "drop what is empty, one release later"),
    );
  if (removeType !== "OBJECT_TABLE") return [];
  return dropped(node).flatMap((name) => {
    const table = around.existing(name);
    if (!table) return [];
    const message = `drops ${table.shown}: its data is lost and the version still running may read it`;
    return [
      loss("drop-table", message, "release a version that does not use it first, drop it one release later"),
    ];
  });
};

export const truncate: Rule = (node, around) => {
  if (!("TruncateStmt" in node)) return [];
  return (node.TruncateStmt.relations ?? []).flatMap((relation) => {
    const table = "RangeVar" in relation ? tableOf(relation.RangeVar, around) : undefined;
    if (!table) return [];
    return [
      loss(
        "truncate",
        `empties ${table.shown}: its data is lost`,
        "delete the rows that are meant, in batches",
      ),
    ];
  });
};

export const rename: Rule = (node, around) => {
  if (!("RenameStmt" in node)) return [];
  const { renameType, relation, relationType, subname, newname } = node.RenameStmt;
  const table = tableOf(relation, around);
  if (!table) return [];
  const column = renameType === "OBJECT_COLUMN" && relationType === "OBJECT_TABLE";
  if (!column && renameType !== "OBJECT_TABLE") return [];
  return [
    {
      rule: column ? "rename-column" : "rename-table",
      severity: "error",
      message: `${column ? `${table.shown}.${subname}` : table.shown} becomes ${newname}: the version still running asks for the old name`,
      fix: "add the new name beside the old one (column, or view), switch the application, drop the old one later",
    },
  ];
};

export const everyRow: Rule = (node, around) => {
  const statement =
    "UpdateStmt" in node ? node.UpdateStmt : "DeleteStmt" in node ? node.DeleteStmt : undefined;
  if (!statement || statement.whereClause) return [];
  const table = tableOf(statement.relation, around);
  if (!table) return [];
  const word = "UpdateStmt" in node ? "UPDATE" : "DELETE";
  return [
    {
      rule: "every-row",
      severity: weighed(table, "warning"),
      message: `${word} without WHERE locks every row of ${table.shown} until the file is committed`,
      fix: "name the rows, and work in batches where they are many",
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

export const definerPath: Rule = (node) => {
  if (!("CreateFunctionStmt" in node)) return [];
  const { options = [], funcname = [] } = node.CreateFunctionStmt;
  const defined = options.flatMap((o) => ("DefElem" in o ? [o.DefElem] : []));
  const definer = defined.some(
    (o) => o.defname === "security" && o.arg && "Boolean" in o.arg && o.arg.Boolean.boolval,
  );
  const path = defined.some(
    (o) =>
      o.defname === "set" &&
      o.arg &&
      "VariableSetStmt" in o.arg &&
      o.arg.VariableSetStmt.name === "search_path",
  );
  if (!definer || path) return [];
  const name = funcname.flatMap((n) => ("String" in n ? [n.String.sval] : [])).join(".");
  return [
    {
      rule: "definer-search-path",
      severity: "error",
      message: `SECURITY DEFINER function ${name} without a search_path of its own: a caller can make it run other functions`,
      fix: "add SET search_path = pg_catalog, SCHEMA, pg_temp",
    },
  ];
};

function loss(rule: string, message: string, fix: string): Remark {
  return { rule, severity: "error", message, fix };
}

function tableOf(relation: Relation | undefined, around: Surroundings): ExistingTable | undefined {
  if (!relation?.relname) return undefined;
  return around.existing({ schema: relation.schemaname, name: relation.relname });
}
