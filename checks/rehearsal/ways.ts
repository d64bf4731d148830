// File by file up, down and up again on a copy without rows, so that a remainder has the name of the file that leaves it. Judges
// objects and privileges; rows are judged by the rehearsal on the restored copy (walk.ts).
import type { Client } from "pg";
import { NO_TIME_LIMITS } from "../database.ts";
import { adopt } from "../migrations/baseline.ts";
import type { Migration, MigrationSet } from "../migrations/directory.ts";
import { readMigrations } from "../migrations/directory.ts";
import { migrateDown } from "../migrations/down.ts";
import type { MigrationFailure } from "../migrations/failure.ts";
import { createHistory, readHistory } from "../migrations/history.ts";
import { compareVersions } from "../migrations/naming.ts";
import { pendingOf } from "../migrations/pending.ts";
import { migrateUp, newestOf, type UpOptions } from "../migrations/up.ts";
import { VERIFY_FAILED } from "../migrations/verify.ts";
import type { RehearsalInputs } from "../rehearsal.ts";
import type { Objects } from "../schema/objects.ts";
import { remainders } from "./remainders.ts";
import { readObjects } from "./state.ts";
import { runOptions } from "./walk.ts";

export interface Ways {
  /** Versioned files that went there and back. */
  files: number;
  /** Why the files cannot be judged without rows; undefined where they were. */
  unable?: string;
  /** One a way down that does not lead back, with its file and what to do. */
  faults: string[];
}

// A statement that looked at rows and did not like what it found: `verify`, RAISE, ASSERT.
const LOOKED_AT_ROWS = [VERIFY_FAILED, "P0001", "P0004"];
// Remainders that are shown of one file; more would only bury the first ones.
const MOST_SHOWN = 5;

/**
 * @param client migrates, as the role that will in production
 * @param observer reads all of the copy
 * @throws when nothing could be run, e.g. files that contradict the history
 */
export async function tryWays(
  client: Client,
  observer: Client,
  given: Omit<RehearsalInputs, "backup">,
  signal: AbortSignal,
): Promise<Ways> {
  // Each rests for as long as the other one works.
  for (const one of [client, observer]) await one.query(NO_TIME_LIMITS);
  const options = runOptions(given, signal);
  const set = readMigrations(given.directory, given.naming);
  const { pending, before } = await whereItStands(client, set, options);
  const versioned = pending.filter(({ kind }) => kind === "versioned");
  const early = versioned.find(({ version }) => compareVersions(version, before) <= 0);
  if (early)
    return { files: 0, faults: [], unable: `${early.path} comes before ${before}, which is applied` };
  if (versioned.length === 0) return { files: 0, faults: [], unable: "repeatable files have no way back" };

  const objects = () => readObjects(observer, options.place);
  const states: Objects[] = [];
  for (const [index] of versioned.entries()) {
    states.push(await objects());
    const later = versioned.slice(index + 1);
    const upTo = set.migrations.filter((one) => one.kind === "versioned" && !later.includes(one));
    const { failure } = await migrateUp(client, { ...set, migrations: upTo }, options);
    if (failure) return { files: index, faults: [], unable: failure.message };
  }
  // Repeatable files, which come last.
  const { applied, failure } = await migrateUp(client, set, options);
  if (failure) return { files: versioned.length, faults: [], unable: failure.message };
  const whole = await objects();

  const faults: string[] = [];
  const known = new Set<string>();
  for (const [index, migration] of [...versioned.entries()].reverse()) {
    const to = versioned[index - 1]?.version ?? before;
    const back = await migrateDown(client, set, { ...options, to });
    if (back.failure) {
      if (looksAtRows(back.failure)) return { files: versioned.length, faults, unable: back.failure.message };
      return {
        files: versioned.length,
        faults: [...faults, `${back.failure.message}; correct the way down`],
      };
    }
    const left = remainders(states[index] ?? {}, await objects(), applied.length > 0).filter(
      (line) => !known.has(line),
    );
    for (const line of left) known.add(line);
    if (left.length > 0) faults.push(faultOf(migration, left));
  }
  if (faults.length === 0) faults.push(...(await again(client, set, options, whole, objects)));
  return { files: versioned.length, faults };
}

/** The files that are pending on the copy, an adopted database's own left out, and the version that it is at. */
async function whereItStands(client: Client, set: MigrationSet, options: UpOptions) {
  const { place } = options;
  const known = await readHistory(client, place);
  if (known === undefined) await createHistory(client, place);
  await adopt(client, set, known ?? [], options);
  const history = (await readHistory(client, place)) ?? [];
  return { pending: pendingOf(set, history, options).migrations, before: newestOf(history) ?? "0" };
}

function looksAtRows({ sqlState }: MigrationFailure): boolean {
  return sqlState !== undefined && LOOKED_AT_ROWS.includes(sqlState);
}

function faultOf({ path, down }: Migration, left: string[]): string {
  const more = left.length > MOST_SHOWN ? ` and ${left.length - MOST_SHOWN} more` : "";
  return `${down?.path ?? path}: ${left.slice(0, MOST_SHOWN).join(", ")}${more}, want the schema as it was before ${path}; take back there what ${path} does`;
}

/** What was taken back must go up once more, to the same schema. */
async function again(
  client: Client,
  set: MigrationSet,
  options: UpOptions,
  whole: Objects,
  objects: () => Promise<Objects>,
): Promise<string[]> {
  const { failure } = await migrateUp(client, set, options);
  if (failure)
    return [`${failure.message}, when it is run again after its way down; take back there all that it does`];
  const left = remainders(whole, await objects(), false);
  return left.length === 0
    ? []
    : [`the files, run again after their ways down: ${left.slice(0, MOST_SHOWN).join(", ")}`];
}
