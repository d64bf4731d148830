// CREATE INDEX CONCURRENTLY that was interrupted leaves an INVALID index behind: it costs every write, serves no query and
// keeps the name taken. Such a leftover is dropped before the statement runs again; a finished one is left as it is.
import type { Client } from "pg";
import { BEING_BUILT } from "../schema/catalog.ts";
import type { Node } from "./grammar.ts";
import { quoteName } from "./history.ts";
import type { Statement } from "./script.ts";

export interface IndexState {
  schema: string;
  name: string;
  valid: boolean;
}

/** The index that a CREATE INDEX CONCURRENTLY names; undefined for every other statement. */
export function concurrentIndexOf(
  node: Node,
): { schema: string | undefined; table: string; name: string } | undefined {
  if (!("IndexStmt" in node) || !node.IndexStmt.concurrent) return undefined;
  const { idxname, relation } = node.IndexStmt;
  if (!idxname || !relation?.relname) return undefined;
  return { schema: relation.schemaname, table: relation.relname, name: idxname };
}

/** Whether it builds or drops an index CONCURRENTLY: it then waits for others without standing in anybody's way. */
export function isConcurrent(node: Node): boolean {
  if ("IndexStmt" in node) return node.IndexStmt.concurrent ?? false;
  if ("DropStmt" in node) return node.DropStmt.concurrent ?? false;
  if (!("ReindexStmt" in node)) return false;
  return (
    node.ReindexStmt.params?.some((p) => "DefElem" in p && p.DefElem.defname === "concurrently") ?? false
  );
}

/**
 * Makes way for a statement that is to be run again.
 * @returns `rebuild` when an INVALID leftover was dropped, `present` when a valid index of that name is on that table already
 */
export async function clearLeftover(
  client: Client,
  statement: Statement,
  log: (line: string) => void,
): Promise<"absent" | "rebuild" | "present"> {
  const index = concurrentIndexOf(statement.node);
  if (!index) return "absent";
  const table = tableOf(index);
  const { rows } = await client.query<IndexState>(
    `select n.nspname as schema, c.relname as name, i.indisvalid and i.indisready as valid
     from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
     where i.indrelid = to_regclass($1) and c.relname = $2`,
    [table, index.name],
  );
  const [found] = rows;
  if (!found) return "absent";
  if (found.valid) return "present";
  log(`index ${found.name} is INVALID, left by an interrupted run; drops and rebuilds it`);
  await client.query(`drop index concurrently ${quoteName(found.schema)}.${quoteName(found.name)}`);
  return "rebuild";
}

/** Whether the statement's index was built after a transaction of this number. */
export async function isNewerThan(
  client: Client,
  statement: Statement,
  transaction: string,
): Promise<boolean> {
  const index = concurrentIndexOf(statement.node);
  if (!index) return false;
  // Numbers of transactions begin anew after 4 billion: their ages can be compared.
  const { rows } = await client.query<{ newer: boolean }>(
    `select age(i.xmin) < age($3::xid) as newer from pg_index i join pg_class c on c.oid = i.indexrelid
     where i.indrelid = to_regclass($1) and c.relname = $2`,
    [tableOf(index), index.name, transaction],
  );
  return rows[0]?.newer ?? false;
}

function tableOf({ schema, table }: { schema: string | undefined; table: string }): string {
  return schema ? `${quoteName(schema)}.${quoteName(table)}` : quoteName(table);
}

/** Every INVALID index of the database, other than those being built right now. */
export async function invalidIndexes(client: Client): Promise<IndexState[]> {
  const { rows } = await client.query<IndexState>(
    `select n.nspname as schema, c.relname as name, false as valid
     from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
     where not (i.indisvalid and i.indisready)
       and not ${BEING_BUILT("i.indrelid")}
       and n.nspname !~ '^pg_toast'
     order by 1, 2`,
  );
  return rows;
}
