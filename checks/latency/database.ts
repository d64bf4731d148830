// How long the database took for what the requests made it do, from the difference of two looks at pg_stat_statements.
import { withDatabase } from "../database.ts";
import { type Observation, observe } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";
import type { DatabaseLatency } from "./definition.ts";

/** Calls and total milliseconds by statement. */
export type Statements = Map<string, { query: string; calls: number; milliseconds: number }>;

interface Recorded {
  /** Null where the role may not see whose it is. */
  id: string | null;
  query: string;
  calls: number;
  milliseconds: number;
}

/**
 * All statements of this database so far, but for those of this session's kind.
 * @throws when the extension is not there, or hides statements from the role: those of the application are among them
 */
export function lookAtStatements(databaseUrl: string, signal: AbortSignal): Promise<Statements> {
  const session = { application: "latency", signal, statementTimeoutSeconds: 30 };
  return withDatabase(databaseUrl, session, async (client) => {
    // One that runs by itself as well as within functions is recorded twice.
    const { rows } = await client.query<Recorded>(
      `select s.userid || '/' || s.queryid as id, min(s.query) as query, sum(s.calls)::float8 as calls,
         sum(s.total_exec_time) as milliseconds
       from pg_stat_statements s where s.dbid = (select oid from pg_database where datname = current_database())
         and s.query not like '%pg_stat_statements%'
       group by s.userid, s.queryid`,
    );
    if (rows.some(({ id }) => id === null))
      throw new Error(`statements of other roles are hidden from ${client.user}; grant it pg_read_all_stats`);
    return new Map(rows.flatMap(({ id, ...row }) => (id === null ? [] : [[id, row] as const])));
  });
}

/** Observations `database-mean` and, where it is limited, `database-slowest`. */
export function judgeStatements(
  before: Statements,
  after: Statements,
  limits: DatabaseLatency,
): Observation[] {
  const ran = [...after].flatMap(([id, { query, calls, milliseconds }]) => {
    const earlier = before.get(id);
    // Fewer calls than before: the statistics were reset in between.
    const known = earlier && earlier.calls <= calls ? earlier : { calls: 0, milliseconds: 0 };
    const more = calls - known.calls;
    return more > 0 ? [{ query, calls: more, milliseconds: milliseconds - known.milliseconds }] : [];
  });
  const calls = ran.reduce((sum, one) => sum + one.calls, 0);
  const total = ran.reduce((sum, one) => sum + one.milliseconds, 0);
  const expected = `at most ${limits.maximumMeanMilliseconds} ms a statement while the requests ran`;
  const observations: Observation[] = [
    calls === 0
      ? {
          id: "database-mean",
          result: "inconclusive",
          expected,
          observed: "no statement was recorded meanwhile",
        }
      : observe(
          "database-mean",
          total / calls <= limits.maximumMeanMilliseconds,
          expected,
          `${(total / calls).toFixed(3)} ms in ${calls} calls of ${ran.length} statements`,
        ),
  ];
  if (limits.maximumStatementMilliseconds === undefined) return observations;
  const [slowest] = ran
    .filter((one) => one.calls >= limits.minimumCalls)
    .map((one) => ({ ...one, mean: one.milliseconds / one.calls }))
    .sort((a, b) => b.mean - a.mean);
  const most = `at most ${limits.maximumStatementMilliseconds} ms for the slowest statement with ${limits.minimumCalls} calls or more`;
  observations.push(
    slowest === undefined
      ? { id: "database-slowest", result: "inconclusive", expected: most, observed: "none ran so often" }
      : observe(
          "database-slowest",
          slowest.mean <= limits.maximumStatementMilliseconds,
          most,
          `${slowest.mean.toFixed(3)} ms in ${slowest.calls} calls of "${slowest.query.replace(/\s+/g, " ").trim().slice(0, 80)}"`,
        ),
  );
  return observations;
}

/** The statistics, or why there are none. */
export async function triedStatements(
  databaseUrl: string,
  signal: AbortSignal,
): Promise<Statements | string> {
  try {
    return await lookAtStatements(databaseUrl, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return messageOf(error);
  }
}
