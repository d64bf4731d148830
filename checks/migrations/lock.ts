// One migration at a time in a database. The lock belongs to the session, so it ends with the process however that dies; it is
// polled, because waiting for it inside PostgreSQL would deadlock with CREATE INDEX CONCURRENTLY.
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";
import type { HistoryPlace } from "./history.ts";

// "grlt" in ASCII: marks the lock in pg_locks.classid as ours.
const CLASS = 0x67726c74;
const POLL_MS = { least: 100, most: 500 };

interface Holder {
  pid: number;
  application: string;
  user: string;
  since: string | null;
}

export interface LockOptions {
  waitSeconds: number;
  signal: AbortSignal;
  log(line: string): void;
}

/**
 * Holds the lock while `use` runs.
 * @throws when another session still has it after `waitSeconds`; names its process id, application and start
 */
export async function withMigrationLock<T>(
  client: Client,
  place: HistoryPlace,
  options: LockOptions,
  use: () => Promise<T>,
): Promise<T> {
  const key = [CLASS, objectOf(place)];
  await acquire(client, key, options);
  try {
    return await use();
  } finally {
    // A lost session has lost its lock too.
    await client.query("select pg_advisory_unlock($1::int, $2::int)", key).catch(() => {});
  }
}

async function acquire(client: Client, key: number[], options: LockOptions): Promise<void> {
  const deadline = performance.now() + options.waitSeconds * 1000;
  for (let attempt = 1; ; attempt++) {
    options.signal.throwIfAborted();
    const { rows } = await client.query<{ held: boolean }>(
      "select pg_try_advisory_lock($1::int, $2::int) as held",
      key,
    );
    if (rows[0]?.held) return;
    const holder = await holderOf(client, key);
    if (performance.now() >= deadline)
      throw new Error(
        `lock held by ${describe(holder)}, want it free within ${options.waitSeconds} s; wait for that run or end it`,
      );
    if (attempt === 1) options.log(`waits for the lock held by ${describe(holder)}`);
    await pause(jitter(POLL_MS.least, POLL_MS.most), undefined, { signal: options.signal });
  }
}

async function holderOf(client: Client, key: number[]): Promise<Holder | undefined> {
  const { rows } = await client.query<Holder>(
    `select a.pid, a.application_name as application, a.usename as user,
       to_char(a.backend_start at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
     from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and l.objsubid = 2
       and l.classid = $1::int::oid and l.objid = $2::int::oid
       and l.database = (select oid from pg_database where datname = current_database())`,
    key,
  );
  return rows[0];
}

function describe(holder: Holder | undefined): string {
  if (!holder) return "a session that has just ended";
  const since = holder.since ? `, connected since ${holder.since}` : "";
  return `pid ${holder.pid} ("${holder.application}", user ${holder.user}${since})`;
}

function objectOf({ schema, table }: HistoryPlace): number {
  return createHash("sha256").update(`${schema}.${table}`).digest().readInt32BE(0);
}

/** A random number of milliseconds between the bounds, so that waiting processes do not come back together. */
export function jitter(least: number, most: number): number {
  return least + Math.random() * (most - least);
}
