// `greenlight migrate`: migrations by hand, with the code of the migration step: same files, lock, history and refusals.
import { parseArgs } from "node:util";
import { withDatabase } from "../../checks/database.ts";
import { approval } from "../../checks/migrations/approval.ts";
import { readMigrations } from "../../checks/migrations/directory.ts";
import { migrateDown, planDown } from "../../checks/migrations/down.ts";
import { type HistoryRow, readHistory } from "../../checks/migrations/history.ts";
import { pendingOf } from "../../checks/migrations/pending.ts";
import { planLines } from "../../checks/migrations/preview.ts";
import { migrateUp } from "../../checks/migrations/up.ts";
import { type Command, UsageError } from "../command.ts";

const usage = `usage: greenlight migrate status|lint|up|down [OPTION...]

  status   which files are applied and which are pending; exit code 3 when some are pending
  lint     pending files with their locks and findings; changes nothing
  up       applies what is pending
  down     takes migrations back with their down files; needs --to

  --dir DIR            folder of the SQL files (default: migrations)
  --database-url URL   address of the database (default: DATABASE_URL, which keeps its password out of process lists)
  --history TABLE      history table, SCHEMA.TABLE (default: public.greenlight_migrations)
  --to VERSION         with down: the version to end at, 0 for none
  --baseline VERSION   with up: an existing database without history is taken to be at this version
  --yes                with down: do it; without it the plan is shown
  --json               one JSON document`;

interface Options {
  directory: string;
  databaseUrl: string;
  place: { schema: string; table: string };
  to: string | undefined;
  baseline: string | undefined;
  yes: boolean;
  json: boolean;
}

const LIMITS = { lockTimeoutSeconds: 2, lockWaitSeconds: 120, statementTimeoutSeconds: 300 };
const POLICY = { outOfOrder: "refuse", gaps: "refuse" } as const;
const ACTIONS = { status, lint, up, down };

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      dir: { type: "string", default: "migrations" },
      "database-url": { type: "string" },
      history: { type: "string", default: "public.greenlight_migrations" },
      to: { type: "string" },
      baseline: { type: "string" },
      yes: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const [action = "", ...others] = positionals;
  if (!isAction(action) || others.length > 0) {
    throw new UsageError(`want one of ${Object.keys(ACTIONS).join(", ")}, got "${positionals.join(" ")}"`);
  }
  const databaseUrl = values["database-url"] ?? process.env.DATABASE_URL;
  if (!databaseUrl) throw new UsageError("no database: set DATABASE_URL or give --database-url");
  const [schema = "", table = "", ...rest] = values.history.split(".");
  if (!schema || !table || rest.length > 0) {
    throw new UsageError(`--history must be SCHEMA.TABLE, got "${values.history}"`);
  }
  const { dir: directory, to, baseline, yes, json } = values;
  return ACTIONS[action]({ directory, databaseUrl, place: { schema, table }, to, baseline, yes, json });
}

function isAction(name: string): name is keyof typeof ACTIONS {
  return name in ACTIONS;
}

async function status(options: Options): Promise<number> {
  const set = readMigrations(options.directory);
  const history = await historyOf(options);
  const pending = pendingOf(set, history, POLICY);
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
  const { directory, databaseUrl, place, baseline } = options;
  const given = { directory, databaseUrl, schema: place.schema, historyTable: place.table, baseline };
  for (const line of await planLines(given, new AbortController().signal)) print(line);
  return 0;
}

async function up(options: Options): Promise<number> {
  const set = readMigrations(options.directory);
  const result = await session(options, (client, signal) =>
    migrateUp(client, set, {
      ...LIMITS,
      ...POLICY,
      place: options.place,
      ...(options.baseline === undefined ? {} : { baseline: options.baseline }),
      release: "",
      approve: approval({ failOn: ["error"], statementTimeoutSeconds: LIMITS.statementTimeoutSeconds }),
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
  const set = readMigrations(options.directory);
  const plan = planDown(set, await historyOf(options), to);
  if (plan.refusals.length > 0) throw new Error(plan.refusals.join("\n"));
  if (!options.yes) {
    for (const { migration } of plan.steps) print(`would run ${migration.down?.path}`);
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

/** Interrupting the command cancels the statement on the server. */
async function session<T>(
  { databaseUrl }: Options,
  use: (client: Parameters<typeof readHistory>[0], signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const interrupted = new AbortController();
  const stop = () => interrupted.abort(new Error("interrupted"));
  process.once("SIGINT", stop);
  try {
    const settings = { application: "migrate", signal: interrupted.signal };
    return await withDatabase(databaseUrl, settings, (client) => use(client, interrupted.signal));
  } finally {
    process.off("SIGINT", stop);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export const migrate: Command = { usage, run };
