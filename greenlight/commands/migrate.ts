// `greenlight migrate`: migrations by hand, with the code of the migration step: same files, lock, history and refusals.
import { approval } from "../../checks/migrations/approval.ts";
import { migrateDown, planDown } from "../../checks/migrations/down.ts";
import { type HistoryRow, readHistory } from "../../checks/migrations/history.ts";
import { pendingOf } from "../../checks/migrations/pending.ts";
import { planLines } from "../../checks/migrations/preview.ts";
import { migrateUp } from "../../checks/migrations/up.ts";
import { type Command, UsageError } from "../command.ts";
import { adopt } from "../migrate/adopt.ts";
import { filesOf, LIMITS, type Options, policyOf, print, readOptions, session } from "../migrate/options.ts";
import { verify } from "../migrate/verify.ts";

const usage = `usage: greenlight migrate status|lint|up|down|verify|adopt [OPTION...]

  status   which files are applied and which are pending; exit code 3 when some are pending
  lint     pending files with their locks and findings; changes nothing
  up       applies what is pending
  down     takes migrations back with their down files; needs --to
  verify   compares the database with what its applied files make of an empty one; exit code 1 when it drifted
  adopt    takes over the history of the tool that migrated so far, without running anything; needs --naming

  --dir DIR              folder of the SQL files (default: migrations)
  --naming STYLE         whose names and formats they have (default: greenlight): flyway, golang-migrate, dbmate,
                         goose, diesel, prisma, supabase, node-pg-migrate
  --database-url URL     address of the database (default: DATABASE_URL). A password in it is seen in process lists:
                         leave it out and set PGPASSWORD, or set DATABASE_URL
  --history TABLE        history table, SCHEMA.TABLE (default: public.greenlight_migrations)
  --to VERSION           with down: the version to end at, 0 for none
  --baseline VERSION     with up: an existing database without history is taken to be at this version
  --fail-on LIST         with lint and up: severities and rules that stop, e.g. error,drop-table; none for no one
  --shadow-url URL       with verify: server for a scratch database, as a role that may create one
                         (default: SHADOW_DATABASE_URL, else the database's own)
  --extras allow         with verify: objects that no file made are no drift
  --from-history TABLE   with adopt: the other tool's table, where it is not at its usual place
  --yes                  with down and adopt: do it; without it the plan is shown
  --json                 one JSON document`;

const ACTIONS = { status, lint, up, down, verify, adopt };

async function run(args: string[]): Promise<number> {
  const { action, options } = readOptions(args);
  if (!isAction(action))
    throw new UsageError(`want one of ${Object.keys(ACTIONS).join(", ")}, got "${action}"`);
  // Who means to stop half way must not find everything applied.
  if (options.to !== undefined && action !== "down")
    throw new UsageError(`--to goes with down, got it with ${action}; up applies all that is pending`);
  return ACTIONS[action](options);
}

function isAction(name: string): name is keyof typeof ACTIONS {
  return Object.hasOwn(ACTIONS, name);
}

async function status(options: Options): Promise<number> {
  const set = filesOf(options);
  const history = await historyOf(options);
  const pending = pendingOf(set, history, policyOf(options));
  const waiting = pending.migrations.map(({ path }) => path);
  if (options.json) print(JSON.stringify({ applied: history, pending: waiting, refusals: pending.refusals }));
  else {
    for (const row of history) print(`applied  ${row.version.padEnd(6)} ${row.name}`);
    for (const path of waiting) print(`pending  ${path}`);
    for (const refusal of pending.refusals) print(`refused  ${refusal}`);
    print(`${history.length} applied, ${waiting.length} pending`);
  }
  if (pending.refusals.length > 0) return 1;
  return waiting.length > 0 ? 3 : 0;
}

async function lint(options: Options): Promise<number> {
  const { directory, naming, databaseUrl, place, baseline, failOn } = options;
  const { schema, table: historyTable } = place;
  const given = {
    directory,
    naming,
    databaseUrl,
    schema,
    historyTable,
    baseline,
    lint: { failOn },
    ...policyOf(options),
  };
  const lines = await planLines(given, new AbortController().signal);
  if (options.json) print(JSON.stringify({ lines }));
  else for (const line of lines) print(line);
  return 0;
}

async function up(options: Options): Promise<number> {
  const set = filesOf(options);
  const result = await session(options, (client, signal) =>
    migrateUp(client, set, {
      ...LIMITS,
      ...policyOf(options),
      place: options.place,
      ...(options.baseline === undefined ? {} : { baseline: options.baseline }),
      release: "",
      approve: approval({ failOn: options.failOn, statementTimeoutSeconds: LIMITS.statementTimeoutSeconds }),
      signal,
      log: options.json ? () => {} : print,
    }),
  );
  const { before, after, applied, adopted, failure } = result;
  if (options.json) print(JSON.stringify({ before, after, applied, adopted, failure: failure?.message }));
  else print(`${applied.length} applied, the database is at ${after ?? "no migration"}`);
  if (failure) throw failure;
  return 0;
}

async function down(options: Options): Promise<number> {
  const { to } = options;
  if (to === undefined) throw new UsageError("down needs --to VERSION");
  const set = filesOf(options);
  const plan = planDown(set, await historyOf(options), to);
  if (plan.refusals.length > 0) throw new Error(plan.refusals.join("\n"));
  if (!options.yes) {
    const files = plan.steps.map(({ migration }) => migration.down?.path);
    if (options.json) {
      print(JSON.stringify({ wouldRun: files }));
      return 0;
    }
    for (const file of files) print(`would run ${file}`);
    print(`${plan.steps.length} to take back; data that they drop is gone. Add --yes to do it`);
    return 0;
  }
  const { after, reverted, failure } = await session(options, (client, signal) =>
    migrateDown(client, set, {
      ...LIMITS,
      place: options.place,
      to,
      signal,
      log: options.json ? () => {} : print,
    }),
  );
  if (options.json) print(JSON.stringify({ after, reverted, failure: failure?.message }));
  else print(`${reverted.length} taken back, the database is at ${after ?? "no migration"}`);
  if (failure) throw failure;
  return 0;
}

async function historyOf(options: Options): Promise<HistoryRow[]> {
  return (await session(options, (client) => readHistory(client, options.place))) ?? [];
}

export const migrate: Command = { usage, run };
