// ANALYZE of one table, proven by the planner's statistics: the command alone only says that it was asked.
import type { Client } from "pg";
import { type Observation, observe } from "../step/definition.ts";
import { kebab } from "../step/kebab.ts";
import { messageOf } from "../step/message.ts";
import { waitUntil } from "../wait.ts";
import { oidOf, relationSql } from "./relation.ts";

// https://www.postgresql.org/docs/current/errcodes-appendix.html: class 01.
const WARNING = "01";
const RAISED_BY_A_FUNCTION = "exec_stmt_raise";

export async function analyze(
  client: Client,
  table: string,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<Observation> {
  const id = `analyze-${kebab(table)}`;
  const expected = `${table} analyzed, statistics on every column of a table with rows`;
  const oid = await oidOf(client, table);
  if (oid === undefined) return observe(id, false, expected, "no such table");
  const started = performance.now();
  const hidden = await hiddenBefore(client, oid);
  const warnings: string[] = [];
  const warn = ({ code, routine, message }: Notice) => {
    // A table that one may not analyze, or a partition, is passed over: statistics of it are those of an earlier time.
    if (code?.startsWith(WARNING) && routine !== RAISED_BY_A_FUNCTION) warnings.push(message ?? code);
  };
  client.on("notice", warn);
  try {
    await client.query(`analyze ${relationSql(table)}`);
  } catch (error) {
    if (signal.aborted) throw error;
    return observe(id, false, expected, messageOf(error));
  } finally {
    client.off("notice", warn);
  }
  const milliseconds = Math.round(performance.now() - started);
  const { done, observed } = hidden
    ? await analyzedSince(client, oid, hidden, signal)
    : await statistics(client, oid);
  log(`${table} analyzed in ${milliseconds} ms`);
  const seen = [`${observed}, ${milliseconds} ms`, ...warnings].join("; ");
  return observe(id, done && warnings.length === 0, expected, seen);
}

interface Notice {
  code: string | undefined;
  routine: string | undefined;
  message: string | undefined;
}

interface Seen {
  done: boolean;
  observed: string;
}

/** ANALYZE of a table that one may not analyze is a warning, not an error: only the figures tell. */
async function statistics(client: Client, oid: string): Promise<Seen> {
  const { rows } = await client.query<{ rows: number; columns: number; known: number }>(
    `select c.reltuples::float8 as rows,
       (select count(*)::int from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         and a.attstattarget is distinct from 0) as columns,
       (select count(distinct s.attname)::int from pg_stats s join pg_namespace n on n.nspname = s.schemaname
         where n.oid = c.relnamespace and s.tablename = c.relname) as known
     from pg_class c where c.oid = $1`,
    [oid],
  );
  const [seen] = rows;
  return {
    done: seen !== undefined && seen.rows >= 0 && (seen.rows === 0 || seen.known >= seen.columns),
    observed: `${seen?.rows ?? "unknown"} rows, statistics on ${seen?.known ?? 0} of ${seen?.columns ?? 0} columns`,
  };
}

/** The server's time, where row security (for the owner too, once it is forced) hides the statistics from this session. */
async function hiddenBefore(client: Client, oid: string): Promise<string | undefined> {
  const { rows } = await client.query<{ now: string }>(
    "select clock_timestamp()::text as now where row_security_active($1::oid)",
    [oid],
  );
  return rows[0]?.now;
}

/** Servers before version 15 count a moment later. */
async function analyzedSince(client: Client, oid: string, since: string, signal: AbortSignal): Promise<Seen> {
  const look = async () => {
    const { rows } = await client.query<{ at: string }>(
      "select last_analyze::text as at from pg_stat_all_tables where relid = $1 and last_analyze >= $2",
      [oid, since],
    );
    return rows[0]?.at;
  };
  const limits = { withinSeconds: 5, everySeconds: 0.25, signal };
  const { value: at, ready } = await waitUntil(look, (seen) => seen !== undefined, limits);
  const observed = ready ? `analyzed at ${at}` : "not analyzed since";
  return { done: ready, observed: `${observed}; row security hides the statistics` };
}
