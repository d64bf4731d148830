// Up, down, up on the copy, with the runner of the migration step itself and the state of the database after each way. A way
// that fails ends the walk; what was not reached is absent.
import type { Client } from "pg";
import { NO_TIME_LIMITS } from "../database.ts";
import type { Migration } from "../migrations/directory.ts";
import { readMigrations } from "../migrations/directory.ts";
import { type DownResult, migrateDown, planDown } from "../migrations/down.ts";
import { loadGrammar } from "../migrations/grammar.ts";
import { readHistory } from "../migrations/history.ts";
import { compareVersions } from "../migrations/naming.ts";
import { pendingOf } from "../migrations/pending.ts";
import { readScript } from "../migrations/script.ts";
import { migrateUp, type UpOptions, type UpResult } from "../migrations/up.ts";
import type { RehearsalInputs } from "../rehearsal.ts";
import { beyondDatabase } from "./beyond.ts";
import { readState, type State } from "./state.ts";

export interface Walk {
  pending: Migration[];
  /** Statements that reach beyond the copy on the server of production; the walk was not begun when they are refused. */
  beyond: string[];
  before: State;
  first?: UpResult;
  upSeconds?: number;
  afterUp?: State;
  /** Why there is no way down, one a file. */
  oneWay?: string[];
  down?: DownResult;
  afterDown?: State;
  second?: UpResult;
  afterAgain?: State;
}

/**
 * @param client migrates, as the role that will in production
 * @param observer reads all of the copy
 */
export async function walk(
  client: Client,
  observer: Client,
  given: RehearsalInputs,
  sameServer: boolean,
  { signal, log }: { signal: AbortSignal; log(line: string): void },
): Promise<Walk> {
  const set = readMigrations(given.directory, given.naming);
  const place = { schema: given.schema, table: given.historyTable };
  const options = runOptions(given, signal);
  // Each rests for as long as the other one works.
  for (const one of [client, observer]) await one.query(NO_TIME_LIMITS);
  const known = (await readHistory(client, place)) ?? [];
  const { migrations: pending } = pendingOf(set, known, given);
  const walked: Walk = { pending, beyond: [], before: await readState(observer, place) };
  if (sameServer) {
    const grammar = await loadGrammar();
    const files = pending.flatMap((migration) =>
      migration.down ? [migration, migration.down] : [migration],
    );
    walked.beyond = beyondDatabase(files.map((file) => readScript(file, grammar)));
    if (walked.beyond.length > 0 && given.beyondDatabase === "refuse") return walked;
  }
  const started = performance.now();
  walked.first = await migrateUp(client, set, options);
  walked.upSeconds = (performance.now() - started) / 1000;
  if (walked.first.failure || walked.first.applied.length === 0) return walked;
  log(`up in ${walked.upSeconds.toFixed(1)} s: ${walked.first.applied.length} files`);
  walked.afterUp = await readState(observer, place);

  const to = walked.first.before ?? "0";
  walked.oneWay = oneWay(set.migrations, walked.first, to);
  if (walked.oneWay.length > 0) return walked;
  const plan = planDown(set, (await readHistory(client, place)) ?? [], to);
  if (plan.steps.length > 0) {
    walked.down = await migrateDown(client, set, { ...options, to });
    if (walked.down.failure) return walked;
    log(`down: ${walked.down.reverted.length} files`);
  }
  walked.afterDown = await readState(observer, place);
  walked.second = await migrateUp(client, set, options);
  if (!walked.second.failure) walked.afterAgain = await readState(observer, place);
  return walked;
}

/** How files are run on a copy. */
export function runOptions(given: Omit<RehearsalInputs, "backup">, signal: AbortSignal): UpOptions {
  return {
    place: { schema: given.schema, table: given.historyTable },
    // Nobody else is on the copy.
    lockTimeoutSeconds: 10,
    lockWaitSeconds: 10,
    statementTimeoutSeconds: given.statementTimeoutSeconds,
    outOfOrder: given.outOfOrder,
    gaps: given.gaps,
    ...(given.baseline === undefined ? {} : { baseline: given.baseline }),
    release: "rehearsal",
    signal,
    log: () => {},
  };
}

/** Files of this run that cannot be taken back alone. */
function oneWay(migrations: Migration[], { applied }: UpResult, to: string): string[] {
  return applied.flatMap(({ version, path }) => {
    const migration = migrations.find((one) => one.version === version);
    if (migration?.kind !== "versioned") return [];
    if (!migration.down) return [`${path} has no down file`];
    return compareVersions(version, to) <= 0 ? [`${path} comes before ${to}, which is applied`] : [];
  });
}
