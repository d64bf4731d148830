// Rules for what takes data or names away from the version that is still running.
import { weighed } from "./alter-table.ts";
import { tableOf } from "./existing.ts";
import { dropped } from "./locks.ts";
import type { Remark, Rule } from "./rule.ts";

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

/** To the version still running a table in another schema is a table of another name. */
export const setSchema: Rule = (node, around) => {
  if (!("AlterObjectSchemaStmt" in node)) return [];
  const { objectType, relation, newschema } = node.AlterObjectSchemaStmt;
  const table = objectType === "OBJECT_TABLE" ? tableOf(relation, around) : undefined;
  if (!table) return [];
  return [
    {
      rule: "rename-table",
      severity: "error",
      message: `${table.shown} moves to schema ${newschema}: the version still running asks for it where it was`,
      fix: "leave a view of the old name in the old schema, switch the application, drop the view later",
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

function loss(rule: string, message: string, fix: string): Remark {
  return { rule, severity: "error", message, fix };
}
