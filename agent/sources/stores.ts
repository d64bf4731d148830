// What the database and Redis say of themselves. A store that does not answer is a reading too: that is what the error
// metrics count.
import { withDatabase } from "../../checks/database.ts";
import { openRedis, type RedisSession } from "../../checks/redis-client.ts";
import { type Reading, single } from "../reading.ts";

const LOOK_SECONDS = 10;

export interface DatabaseLook {
  errors: Reading;
  /** Absent when the database cannot be reached. */
  connections?: Reading;
  error?: string;
}

export async function lookAtDatabase(url: string, signal: AbortSignal): Promise<DatabaseLook> {
  const options = {
    application: "agent",
    signal,
    connectTimeoutSeconds: LOOK_SECONDS,
    statementTimeoutSeconds: LOOK_SECONDS,
  };
  try {
    return await withDatabase(url, options, async (client) => {
      const { rows } = await client.query<{ count: number }>(
        "select count(*)::int as count from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      return { errors: single(0), connections: single(rows[0]?.count ?? 0) };
    });
  } catch (error) {
    return { errors: single(1), error: wordsOf(error) };
  }
}

export interface CacheLook {
  errors: Reading;
  memory?: Reading;
  /** Lengths of the lists that were asked for. */
  lengths: Map<string, number>;
  error?: string;
}

export interface CacheLookOptions {
  caFile?: string | undefined;
  signal: AbortSignal;
  /** How long it may take in all. @default 10 */
  seconds?: number;
}

export async function lookAtCache(
  url: string,
  keys: string[],
  { caFile, signal, seconds = LOOK_SECONDS }: CacheLookOptions,
): Promise<CacheLook> {
  const lengths = new Map<string, number>();
  const limit = AbortSignal.timeout(seconds * 1000);
  let session: RedisSession | undefined;
  try {
    session = await openRedis(url, { caFile, signal: AbortSignal.any([signal, limit]) });
    const refused: string[] = [];
    for (const key of keys) {
      const length = await answered(session, ["LLEN", key], refused);
      if (length !== undefined) lengths.set(key, Number(length));
    }
    const memory = memoryOf(String(await answered(session, ["INFO", "memory"], refused)));
    return {
      errors: single(0),
      ...(memory === undefined ? {} : { memory: single(memory) }),
      lengths,
      ...(refused.length > 0 ? { error: refused.join("; ") } : {}),
    };
  } catch (error) {
    const hung = `Redis "${new URL(url).host}": no answer within ${seconds} s; does it hang?`;
    return { errors: single(1), lengths, error: limit.aborted ? hung : wordsOf(error) };
  } finally {
    session?.close();
  }
}

/** A key of another type, and a command that the user may not give, say nothing of how Redis is. */
async function answered(session: RedisSession, command: string[], refused: string[]): Promise<unknown> {
  try {
    return await session.send(command);
  } catch (error) {
    const words = wordsOf(error);
    if (!/^(WRONGTYPE|NOPERM)\b/.test(words)) throw error;
    refused.push(`Redis: ${command.join(" ")}: ${words}`);
    return undefined;
  }
}

/** Per cent of `maxmemory`; where Redis has no such limit, of what the machine has. */
export function memoryOf(info: string): number | undefined {
  const figure = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1]);
  const maximum = figure("maxmemory") || figure("total_system_memory");
  return maximum > 0 ? (100 * figure("used_memory")) / maximum : undefined;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
