// Who holds the locks that a statement waited for in vain: what an operator has to end or to wait for.
import type { Client } from "pg";
import { quoteName } from "./history.ts";
import { locksOf } from "./lint/locks.ts";
import type { Statement } from "./script.ts";

// Sessions that are shown; the first one is most often the cause.
const MOST_SHOWN = 3;

/** `pid 812 ("api", idle in transaction since 2026-05-04T09:12:03Z) holds RowExclusiveLock on orders`; empty when nobody does any more. */
export async function blockersOf(client: Client, statement: Statement): Promise<string> {
  const tables = locksOf(statement.node).map(({ table }) =>
    table.schema === undefined
      ? quoteName(table.name)
      : `${quoteName(table.schema)}.${quoteName(table.name)}`,
  );
  const { rows } = await client.query<{ text: string }>(
    `select format('pid %s ("%s", %s since %s) holds %s on %s', a.pid, a.application_name, coalesce(a.state, 'unknown'),
       to_char(coalesce(a.state_change, a.backend_start) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), l.mode, l.relation::regclass) as text
     from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'relation' and l.granted and l.pid <> pg_backend_pid()
       and l.database = (select oid from pg_database where datname = current_database())
       and l.relation in (select to_regclass(name) from unnest($1::text[]) name)
     order by a.xact_start nulls last limit $2`,
    [tables, MOST_SHOWN],
  );
  return rows.map(({ text }) => text).join(", ");
}
