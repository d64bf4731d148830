// Statements that are slow on average since statistics were last reset, from pg_stat_statements.
import type { Client } from "pg";
import { type Observation, observe } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";

export interface SlowOptions {
  /** Roles whose statements count; all when absent. */
  roles?: string[] | undefined;
  thresholdMilliseconds: number;
  minimumCalls: number;
  allowed: number;
}

interface Slow {
  query: string;
  mean: number;
  calls: number;
}

// Slow statements that are shown; the figure in front counts them all.
const MOST_SHOWN = 3;
const UNDEFINED_TABLE = "42P01";
// The module is installed in the database, and the server was started without it.
const NOT_LOADED = "55000";

/** Inconclusive where the extension is missing: that nothing was recorded is no sign of speed. */
export async function slowStatements(client: Client, options: SlowOptions): Promise<Observation> {
  const { thresholdMilliseconds, minimumCalls, allowed } = options;
  const id = "slow-statements";
  const whose = options.roles ? ` of ${options.roles.join(", ")}` : "";
  const expected = `at most ${allowed} statements${whose} with a mean over ${thresholdMilliseconds} ms in ${minimumCalls} calls or more`;
  try {
    const { rows } = await client.query<Slow & { recorded: number; all: number }>(
      `with own as (
         select query, mean_exec_time as mean, calls::float8,
           $3::text[] is null or pg_get_userbyid(userid) = any ($3) as counts
         from ${await viewOf(client)}
         where dbid = (select oid from pg_database where datname = current_database())
       )
       select o.query, o.mean, o.calls, (select count(*)::int from own) as all,
         (select count(*)::int from own where counts) as recorded
       from (select 1) one left join own o on o.counts and o.calls >= $1 and o.mean > $2 order by o.mean desc nulls last`,
      [minimumCalls, thresholdMilliseconds, options.roles ?? null],
    );
    const { recorded = 0, all = 0 } = rows[0] ?? {};
    const slow = rows.filter(({ query }) => query !== null);
    const worst = slow.slice(0, MOST_SHOWN).map(render).join("; ");
    if (all === 0) return { id, result: "inconclusive", expected, observed: "no statement recorded yet" };
    // Before its first release an application has asked for nothing.
    if (recorded === 0)
      return {
        id,
        result: "notApplicable",
        expected,
        observed: `0 of ${all} recorded statements are theirs`,
      };
    return observe(
      id,
      slow.length <= allowed,
      expected,
      `${slow.length} of ${recorded} recorded${worst ? `: ${worst}` : ""}`,
    );
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== UNDEFINED_TABLE && code !== NOT_LOADED) throw error;
    const way = "load it in shared_preload_libraries and create the extension";
    return {
      id,
      result: "inconclusive",
      expected,
      observed: `pg_stat_statements: ${messageOf(error)}; ${way}`,
    };
  }
}

/** In whichever schema the extension was made, e.g. `extensions`. */
async function viewOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ schema: string }>(
    "select extnamespace::regnamespace::text as schema from pg_extension where extname = 'pg_stat_statements'",
  );
  return [...rows.map(({ schema }) => schema), "pg_stat_statements"].join(".");
}

/** Constants are replaced by $1 in what the server records, so that no value of a row is shown. */
function render({ query, mean, calls }: Slow): string {
  const text = query.replace(/\s+/g, " ").trim();
  return `${mean.toFixed(1)} ms mean in ${calls} calls of "${text.length > 80 ? `${text.slice(0, 79)}…` : text}"`;
}
