// The way back of the database. Every part looks first whether it is done, so that a run that was killed is finished by the next.
import { withDatabase } from "../database.ts";
import { readMigrations } from "../migrations/directory.ts";
import { migrateDown } from "../migrations/down.ts";
import { readHistory } from "../migrations/history.ts";
import { compareVersions } from "../migrations/naming.ts";
import type { ReversalInputs } from "../reversal.ts";
import { type Finding, observe, type StepContext } from "../step/definition.ts";
import { downPlanOf, forecast, lostByDown, lostSince } from "./plan.ts";
import { restoreBeside } from "./restore.ts";

export async function runReversal(given: ReversalInputs, context: StepContext): Promise<Finding> {
  return given.restore === undefined ? goDown(given, context) : goBack(given, given.restore, context);
}

async function goDown(given: ReversalInputs, { signal, log }: StepContext): Promise<Finding> {
  const place = { schema: given.schema, table: given.historyTable };
  return withDatabase(given.databaseUrl, { application: "rollback", signal }, async (client) => {
    const plan = await downPlanOf(client, given);
    const lost = await forecast(lostByDown(client, plan));
    for (const line of lost) log(line);
    const result =
      plan.steps.length === 0
        ? undefined
        : await migrateDown(client, readMigrations(given.directory, given.naming), {
            ...given,
            place,
            signal,
            log,
          });
    if (result?.failure) throw result.failure;
    return {
      observations: [await atVersion(given.to, (await readHistory(client, place)) ?? [])],
      facts: {
        summary: `${result?.reverted.length ?? 0} migrations taken back, the database is at ${given.to}`,
        reverted: (result?.reverted ?? []).map(({ path, durationMs }) => ({ path, durationMs })),
        lost,
        kept: null,
      },
    };
  });
}

async function goBack(
  given: ReversalInputs,
  restore: NonNullable<ReversalInputs["restore"]>,
  context: StepContext,
): Promise<Finding> {
  const { signal } = context;
  const place = { schema: given.schema, table: given.historyTable };
  const lost = await withDatabase(given.adminUrl, await ownDatabase(given, signal), (client) =>
    forecast(lostSince(client, restore)),
  );
  const { restored, observations } = await restoreBeside(given, restore, context);
  return withDatabase(given.databaseUrl, { application: "rollback", signal }, async (client) => ({
    observations: [...observations, await atVersion(given.to, (await readHistory(client, place)) ?? [])],
    facts: {
      summary: restored.equal
        ? `restored from ${restore.key}; the replaced database is kept as ${restored.kept}`
        : `not restored from ${restore.key}: nothing was switched`,
      reverted: [],
      lost: restored.equal ? lost : [],
      leftOut: restored.leftOut,
      kept: restored.kept,
      seconds: restored.seconds,
    },
  }));
}

async function ownDatabase({ databaseUrl }: ReversalInputs, signal: AbortSignal) {
  return {
    application: "rollback",
    signal,
    database: decodeURIComponent(new URL(databaseUrl).pathname.slice(1)),
  };
}

async function atVersion(to: string, history: { version: string; kind: string }[]) {
  const newest = history.filter(({ kind }) => kind !== "repeatable").at(-1)?.version ?? "0";
  return observe(
    "at-version",
    compareVersions(newest, to) === 0,
    `the database is at version ${to}`,
    `at ${newest}`,
  );
}
