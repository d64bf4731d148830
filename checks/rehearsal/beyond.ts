// Statements whose effect is not held by a copy of the database: roles, databases, the server's settings, replication. On the
// server of production they would change production, before it is its turn.
import type { Node } from "../migrations/grammar.ts";
import type { Script } from "../migrations/script.ts";
import { excerpt, place } from "../migrations/script.ts";

const BEYOND = new Set([
  "CreateRoleStmt",
  "AlterRoleStmt",
  "AlterRoleSetStmt",
  "DropRoleStmt",
  "GrantRoleStmt",
  "CreatedbStmt",
  "DropdbStmt",
  "AlterDatabaseStmt",
  "AlterDatabaseSetStmt",
  "AlterDatabaseRefreshCollStmt",
  "AlterSystemStmt",
  "CreateTableSpaceStmt",
  "DropTableSpaceStmt",
  "AlterTableSpaceOptionsStmt",
  "CreateSubscriptionStmt",
  "AlterSubscriptionStmt",
  "DropSubscriptionStmt",
  // Of a role's databases and its privileges on them, too.
  "DropOwnedStmt",
  "ReassignOwnedStmt",
]);
// What no one database holds, for statements on objects of many kinds: GRANT, COMMENT, OWNER TO, RENAME TO.
const SHARED = [
  "OBJECT_DATABASE",
  "OBJECT_PARAMETER_ACL",
  "OBJECT_ROLE",
  "OBJECT_SUBSCRIPTION",
  "OBJECT_TABLESPACE",
];
const IN_A_BLOCK =
  /\b(create|alter|drop)\s+(role|user|group|database|tablespace|system|subscription)\b(?!\s+mapping)|\b(drop|reassign)\s+owned\b/i;

/** `0003_roles.sql:1:1: "create role reader"`, one a statement. What a function hides in dynamic SQL is not seen. */
export function beyondDatabase(scripts: Script[]): string[] {
  return scripts.flatMap(({ file, statements }) =>
    statements
      .filter(({ node, text }) => {
        const [kind = ""] = Object.keys(node);
        return BEYOND.has(kind) || isOnShared(node) || (kind === "DoStmt" && IN_A_BLOCK.test(text));
      })
      .map(({ offset, text }) => `${place(file, offset)}: "${excerpt(text)}"`),
  );
}

function isOnShared(node: Node): boolean {
  if ("GrantStmt" in node) return isShared(node.GrantStmt.objtype);
  if ("CommentStmt" in node) return isShared(node.CommentStmt.objtype);
  if ("SecLabelStmt" in node) return isShared(node.SecLabelStmt.objtype);
  if ("AlterOwnerStmt" in node) return isShared(node.AlterOwnerStmt.objectType);
  return "RenameStmt" in node && isShared(node.RenameStmt.renameType);
}

function isShared(kind: string | undefined): boolean {
  return kind !== undefined && SHARED.includes(kind);
}
