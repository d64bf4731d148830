// The restore of a backup, as it would be done after a loss: the object is fetched, opened and loaded into an empty database as
// it comes, and nothing but the head of the archive lies on a disk meanwhile.
import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import type { StoredBackup } from "../stored-backup.ts";
import { type Fetched, fetchArchive } from "./fetch.ts";
import { withFolder } from "./folder.ts";
import { type Head, takeHead } from "./head.ts";
import { startTool } from "./tool.ts";

const JOBS = 2;
// A lock each, of the 6,400 that a server has room for by default.
const MOST_IN_ONE_TRANSACTION = 2_000;

/** A backup that is being fetched. */
export interface Arrival {
  /** Entries of the archive's table of contents; rejects when it is not an archive. */
  entries: Promise<string[]>;
  /** Settles when the whole object was read. It waits for what takes the archive: load it, or discard it. */
  fetched: Promise<Fetched>;
  /** Loads it into an empty database as it comes. @throws at the first object that cannot be restored, or with `fetched` */
  load(database: string): Promise<Loaded>;
  /** Nobody takes the archive any more: the rest is only read. */
  discard(): void;
}

export interface Loaded {
  /** From the request for the object to the end of its last row. */
  rowsSeconds: number;
  /** From then on: indexes, constraints, triggers. */
  indexesSeconds: number;
}

/** Restores a stored backup into an empty database of the server and gives the seconds that it took. */
export function restoreBackup(
  s3: S3Client,
  stored: StoredBackup,
  databaseUrl: string,
  database: string,
  signal: AbortSignal,
): Promise<number> {
  return withArrival(s3, stored, databaseUrl, signal, async (arrival) => {
    const { rowsSeconds, indexesSeconds } = await arrival.load(database);
    return rowsSeconds + indexesSeconds;
  });
}

/** Loads an archive that lies on disk into an empty database. @throws at the first object that cannot be restored */
export async function restoreArchive(
  path: string,
  databaseUrl: string,
  database: string,
  signal: AbortSignal,
): Promise<void> {
  const restore = startTool({ ...restoreInto(database, databaseUrl, [`--jobs=${JOBS}`, path]), signal });
  restore.stdout.resume();
  await restore.finished;
}

/** Begins to fetch a backup, for a database of this server, and runs `use`; what is still running after it is ended. */
export function withArrival<T>(
  s3: S3Client,
  stored: StoredBackup,
  databaseUrl: string,
  signal: AbortSignal,
  use: (arrival: Arrival) => Promise<T>,
): Promise<T> {
  return withFolder(async (folder) => {
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    const path = join(folder, "head.dump");
    const started = performance.now();
    const taker = Promise.withResolvers<Writable | undefined>();
    const archive = fetchArchive(s3, stored, either);
    const head = takeHead(archive, path, databaseUrl, either);
    const fetched = passOn(archive, head, path, taker.promise);
    const entries = head.then(({ contents }) => {
      if ("fault" in contents) throw contents.fault;
      return contents.entries;
    });
    // Whoever asks gets the failure; where nobody does, another one has already been thrown.
    for (const one of [entries, fetched]) one.catch(() => undefined);
    const tools: Promise<void>[] = [];
    const load = async (database: string) => {
      const objects = (await entries).length;
      // Rows that come in the transaction that made their table are not logged where the server's log is minimal.
      const together = objects <= MOST_IN_ONE_TRANSACTION ? ["--single-transaction"] : [];
      const rows = startTool({
        ...restoreInto(database, databaseUrl, [...together, "--section=pre-data", "--section=data"]),
        takesInput: true,
        signal: either,
      });
      rows.stdout.resume();
      tools.push(rows.finished);
      taker.resolve(rows.stdin);
      // A reader that ended early is told of by its own exit; without the whole object its end means nothing.
      await Promise.all([rows.finished, fetched]);
      const rowsAt = performance.now();
      const rest = startTool({
        ...restoreInto(database, databaseUrl, ["--section=post-data", `--jobs=${JOBS}`, path]),
        signal: either,
      });
      rest.stdout.resume();
      tools.push(rest.finished);
      await rest.finished;
      return {
        rowsSeconds: (rowsAt - started) / 1000,
        indexesSeconds: (performance.now() - rowsAt) / 1000,
      };
    };
    const discard = () => taker.resolve(undefined);
    try {
      return await use({ entries, fetched, load, discard });
    } finally {
      discard();
      ended.abort(new Error("restore: ended"));
      await Promise.allSettled([head, fetched, ...tools]);
    }
  });
}

/** Gives the head and all that follows to the taker; reads on, for the object's hash, when that is gone. */
async function passOn(
  archive: AsyncGenerator<Buffer, Fetched>,
  head: Promise<Head<Fetched>>,
  path: string,
  taker: Promise<Writable | undefined>,
): Promise<Fetched> {
  const { contents, end } = await head;
  const to = "fault" in contents ? undefined : await taker;
  to?.on("error", () => to.destroy());
  if (to)
    for await (const block of createReadStream(path, { highWaterMark: 1024 * 1024 })) await give(to, block);
  let next = end ?? (await archive.next());
  while (!next.done) {
    await give(to, next.value);
    next = await archive.next();
  }
  to?.end();
  return next.value;
}

/** Waits until it was taken. */
function give(to: Writable | undefined, block: Buffer): Promise<void> {
  if (to === undefined || to.destroyed || to.write(block)) return Promise.resolve();
  return new Promise((resolve) => {
    const go = () => {
      to.off("drain", go).off("close", go);
      resolve();
    };
    to.on("drain", go).on("close", go);
  });
}

function restoreInto(database: string, databaseUrl: string, chosen: string[]) {
  return {
    program: "pg_restore",
    arguments: ["--exit-on-error", "--no-subscriptions", `--dbname=${database}`, ...chosen],
    databaseUrl,
    database,
    // Nobody relies on the copy, so a commit need not wait for the disk; indexes are built in memory where they fit.
    settings: {
      synchronous_commit: "off",
      maintenance_work_mem: "256MB",
      statement_timeout: "0",
      lock_timeout: "0",
    },
  };
}
