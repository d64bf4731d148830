// Statements whose effect is not held by a copy of the database: roles, databases, the server's settings, replication. On the
// server of production they would change production, before it is its turn.
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
]);
const IN_A_BLOCK =
  /\b(create|alter|drop)\s+(role|user|group|database|tablespace|system|subscription)\b(?!\s+mapping)/i;

/** `0003_roles.sql:1:1: "create role reader"`, one a statement. What a function hides in dynamic SQL is not seen. */
export function beyondDatabase(scripts: Script[]): string[] {
  return scripts.flatMap(({ file, statements }) =>
    statements
      .filter(({ node, text }) => {
        const [kind = ""] = Object.keys(node);
        return BEYOND.has(kind) || (kind === "DoStmt" && IN_A_BLOCK.test(text));
      })
      .map(({ offset, text }) => `${place(file, offset)}: "${excerpt(text)}"`),
  );
}
