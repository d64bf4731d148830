// A backup restored beside the live database and switched to by renaming both: the live one is never written over, and the
// replaced one is kept under another name. A comment on the database says which backup it came from.
import { createHash } from "node:crypto";
import type { Client } from "pg";
import { compareContent, readContent } from "../backup/content.ts";
import { restoreBackup } from "../backup/drill.ts";
import { withDatabase } from "../database.ts";
import type { ReversalInputs } from "../reversal.ts";
import { type Observation, observe, type StepContext } from "../step/definition.ts";
import { createBeside } from "./beside.ts";

const MARK = "greenlight: restored from ";
/** Begins the comment on a database that was replaced; then `NAME at TIME`. */
export const REPLACED = "greenlight: replaced ";
const LONGEST_NAME = 63;

type Restore = NonNullable<ReversalInputs["restore"]>;

/** What the comment says of a database that this rollback restored. */
const markOf = ({ key, begunAt }: Restore) => `${MARK}${key} by the rollback of ${begunAt}`;

/** Whether the connected database is the one that this very rollback restored. An earlier one's has lived on since. */
export async function isRestored(client: Client, restore: Restore): Promise<boolean> {
  const { rows } = await client.query<{ comment: string | null }>(
    "select shobj_description(oid, 'pg_database') as comment from pg_database where datname = current_database()",
  );
  return rows[0]?.comment === markOf(restore);
}

export interface Restored {
  /** The database that was replaced. */
  kept: string;
  /** False when the restored database is not the backup's: nothing was switched. */
  equal: boolean;
  /** Settings of the replaced database that the restored one has not, each with why. */
  leftOut: string[];
  seconds: number;
}

export async function restoreBeside(
  given: ReversalInputs,
  restore: Restore,
  { signal, log }: StepContext,
): Promise<{ restored: Restored; observations: Observation[] }> {
  const live = decodeURIComponent(new URL(given.databaseUrl).pathname.slice(1));
  const tag = createHash("sha256").update(restore.key).digest("hex").slice(0, 8);
  const beside = named(live, `_restored_${tag}`);
  const started = performance.now();
  const address = decodeURIComponent(new URL(given.adminUrl).pathname.slice(1));
  // Nobody can rename the database that they are connected to; this one is on every server.
  const admin = { application: "rollback", signal, database: address === live ? "postgres" : address };
  const earlier = await withDatabase(given.adminUrl, { ...admin, database: live }, (client) =>
    isRestored(client, restore),
  );
  const kept = await withDatabase(given.adminUrl, admin, (client) => keptAs(client, live, tag, earlier));
  const different = (database: string) =>
    withDatabase(given.adminUrl, { ...admin, database }, async (client) =>
      restore.tables === null ? [] : compareContent(restore.tables, await readContent(client)),
    );
  // Behind the switch, which only equal rows come to, the application writes again.
  const since = earlier ? await different(live) : [];
  let faults: string[] = [];
  let leftOut: string[] = [];
  if (!earlier) {
    leftOut = await withDatabase(given.adminUrl, admin, (client) => createBeside(client, live, beside));
    for (const line of leftOut) log(line);
    await load(given, restore, beside, signal);
    log(`restored as ${beside} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    faults = await different(beside);
    if (faults.length === 0)
      await withDatabase(given.adminUrl, admin, (client) =>
        switchNames(client, live, beside, kept, markOf(restore)),
      );
  }
  const expected = "the restored database holds the rows that the backup was taken of";
  const seconds = Math.round(performance.now() - started) / 1000;
  return {
    restored: { kept, equal: faults.length === 0, leftOut, seconds },
    observations: [
      restoredEqual(),
      observe(
        "kept",
        await withDatabase(given.adminUrl, admin, (client) => exists(client, kept)),
        `the replaced database is there as ${kept}`,
        faults.length === 0 ? `${live} is the restored one` : "nothing was switched",
      ),
    ],
  };

  function restoredEqual(): Observation {
    const id = "restored-equal";
    if (restore.tables === null) {
      const observed = "too many tables were backed up to keep their digests";
      return { id, result: "notApplicable", expected, observed };
    }
    const shown = [...faults, ...since].slice(0, 5).join("; ");
    const count = Object.keys(restore.tables).length;
    const changed =
      since.length === 0 ? "" : `equal when this rollback switched to it; written since: ${shown}`;
    return observe(id, faults.length === 0, expected, changed || shown || `${count} tables are equal`);
  }
}

/** The name of the replaced database: a second restore of the same backup must not meet the first one's. */
async function keptAs(client: Client, live: string, tag: string, earlier: boolean): Promise<string> {
  const first = named(live, `_replaced_${tag}`);
  for (let kept = first, number = 2; ; number++) {
    const next = named(live, `_replaced_${tag}_${number}`);
    if (!(await exists(client, earlier ? next : kept))) return kept;
    kept = next;
  }
}

async function load(
  given: ReversalInputs,
  restore: Restore,
  beside: string,
  signal: AbortSignal,
): Promise<void> {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({});
  const stored = { ...restore, encryptionKey: given.encryptionKey };
  try {
    await restoreBackup(s3, stored, given.adminUrl, beside, signal);
  } finally {
    s3.destroy();
  }
}

/** Both renames and the mark in one transaction: there is a live database at every moment, the one or the other. */
async function switchNames(
  client: Client,
  live: string,
  beside: string,
  kept: string,
  mark: string,
): Promise<void> {
  const id = (name: string) => client.escapeIdentifier(name);
  for (let attempt = 1; ; attempt++) {
    // Workers of autovacuum, which are nobody's, end by the renames themselves, and only a superuser may end them otherwise.
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = any($1) and pid <> pg_backend_pid() and usesysid is not null`,
      [[live, beside]],
    );
    try {
      await client.query(`begin;
        alter database ${id(live)} rename to ${id(kept)};
        alter database ${id(beside)} rename to ${id(live)};
        comment on database ${id(live)} is ${client.escapeLiteral(mark)};
        comment on database ${id(kept)} is ${client.escapeLiteral(`${REPLACED}${live} at ${new Date().toISOString()}`)};
        commit`);
      return;
    } catch (error) {
      await client.query("rollback");
      // A client came back between the two statements.
      const busy = error instanceof Error && "code" in error && error.code === "55006";
      if (!busy || attempt === 50) throw error;
    }
  }
}

async function exists(client: Client, database: string): Promise<boolean> {
  const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [database]);
  return rowCount === 1;
}

function named(live: string, ending: string): string {
  return `${live.slice(0, LONGEST_NAME - ending.length)}${ending}`;
}
