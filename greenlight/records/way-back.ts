// The way back from the newest deployment, put together from its stack's records. Says what is on record; what a database would
// lose at this moment is counted by the preview of the rollback itself.
import { z } from "zod";
import type { StoredRecord } from "../../checks/record/links.ts";
import { type Choice, chooseTarget } from "../../checks/record/target.ts";
import type { StepReport } from "../../report/steps.ts";
import type { WayBack } from "../../report/way-back.ts";
import { planLines } from "../rollback/plan.ts";

const IMPOSSIBLE = /^cannot be undone: /;
const EXPECTED = /^expected duration: /;
/** Steps that change what runs. */
const CHANGING = ["migration", "release", "site", "reversal"];
const MOST_TABLES = 20;

export interface WayBackFrom {
  stack: string;
  /** What follows the command to find the project, e.g. ` -C examples/orders`. */
  folder: string;
  /** Oldest first, with that of the deployment itself. */
  records: StoredRecord[];
  /** The evidence of the deployment. */
  steps: StepReport[];
  failed: boolean;
}

export function wayBack(given: WayBackFrom): WayBack {
  const choice = chosen(given);
  if (typeof choice === "string")
    return {
      target: null,
      reason: choice,
      needless: needlessOf(given),
      commands: [],
      undone: [],
      lost: [],
      impossible: [],
      expected: null,
    };
  const { key, document } = choice.target;
  const lines = planLines(choice, false);
  return {
    target: { key, release: document.release, recordedAt: document.recordedAt },
    reason: null,
    needless: needlessOf(given),
    commands: commandsOf(given, choice),
    undone: lines
      .filter((line) => !IMPOSSIBLE.test(line) && !EXPECTED.test(line))
      .map((line) => line.replace("the preview below", "the preview")),
    lost: lostOf(given, choice),
    impossible: [
      ...lines.filter((line) => IMPOSSIBLE.test(line)).map((line) => line.replace(IMPOSSIBLE, "")),
      ...irreversible(given.steps),
    ],
    expected: expectedOf(given.records, choice),
  };
}

/** A release that failed before it changed the database, the application or the site has left them as they were. */
function needlessOf({ failed, steps }: WayBackFrom): string | null {
  if (!failed || steps.some(({ name, result }) => CHANGING.includes(name) && result !== "notRun"))
    return null;
  const names = CHANGING.filter((name) => steps.some((step) => step.name === name));
  return names.length === 0 ? null : `nothing of this release was put out: ${names.join(", ")} did not run`;
}

function chosen({ records, failed }: WayBackFrom): Choice | string {
  try {
    return chooseTarget(records, undefined, failed);
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}

function commandsOf({ stack, folder, steps }: WayBackFrom, choice: Choice): WayBack["commands"] {
  const { key, document } = choice.target;
  const command = (option: string) => `npx greenlight rollback -s ${stack}${folder}${option} --to ${key}`;
  const back = [
    { does: "shows the whole plan and touches nothing", command: command(" --preview") },
    {
      does: `goes back to ${document.release}, after the plan was shown and agreed to`,
      command: command(""),
    },
  ];
  const backup = backedUp.safeParse(factsOf("backup", steps, choice)).data;
  if (document.database === null || !backup || backup.key === document.steps.backup?.facts.key) return back;
  const does = "the same, with the database restored from the backup instead of down files";
  return [...back, { does, command: command(" --restore-database") }];
}

/** What a step of the release found, from its record, or from its evidence where it is not recorded yet. */
function factsOf(name: string, steps: StepReport[], { undone }: Choice) {
  return undone?.document.steps[name]?.facts ?? steps.find((step) => step.name === name)?.facts;
}

const rehearsed = z.object({
  rowsChanged: z.record(
    z.string(),
    z.object({ before: z.number().nullable(), after: z.number().nullable() }),
  ),
});
const backedUp = z.object({ takenAt: z.string(), key: z.string() });

/** Tables that came with the release go with it; a restore goes back to the moment of the backup. */
function lostOf({ steps }: WayBackFrom, choice: Choice): string[] {
  const { target, undone } = choice;
  const { database } = target.document;
  if (database === null) return [];
  const changed = rehearsed.safeParse(factsOf("rehearsal", steps, choice)).data?.rowsChanged ?? {};
  const created = Object.keys(changed).filter((table) => changed[table]?.before === null);
  const at = undone?.document.database?.at;
  const migrated =
    at === undefined ? steps.some(({ name, ran }) => name === "migration" && ran) : at !== database.at;
  const backup = backedUp.safeParse(factsOf("backup", steps, choice)).data;
  const shown = created.slice(0, MOST_TABLES).join(", ") + (created.length > MOST_TABLES ? ", …" : "");
  return [
    !migrated
      ? "without a restore nothing: this release brought no migration"
      : created.length > 0
        ? `with down files: all rows of the tables that came with this release (${shown})`
        : "with down files: what the down files drop; the preview counts the rows",
    ...(backup
      ? [
          `with --restore-database: what was written after ${backup.takenAt} (${backup.key}); the replaced database is kept beside it`,
        ]
      : []),
  ];
}

/** Migrations whose way back was not rehearsed with success. */
function irreversible(steps: StepReport[]): string[] {
  const rehearsal = steps.find(({ name }) => name === "rehearsal");
  return (rehearsal?.observations ?? [])
    .filter(
      ({ id, result }) =>
        ["reversible", "schema-restored", "data-restored"].includes(id) &&
        (result === "failed" || result === "inconclusive"),
    )
    .map(({ id, observed }) => `migrations by down files (${id}): ${observed}`);
}

/** How long the last rollback took; before the first one, as long as the steps of the release that it goes back to. */
function expectedOf(records: StoredRecord[], { target }: Choice): WayBack["expected"] {
  const last = records
    .flatMap(({ document }) => (document.rollback && document.result === "passed" ? [document] : []))
    .at(-1);
  if (last?.rollback)
    return { seconds: Math.round(last.rollback.seconds), from: `the rollback of ${last.recordedAt}` };
  const seconds = Object.entries(target.document.steps)
    .filter(([name]) => !["acceptance", "rehearsal", "build", "baseline", "start", "success"].includes(name))
    .reduce((sum, [, { durationSeconds }]) => sum + (durationSeconds ?? 0), 0);
  return { seconds: Math.round(seconds), from: `the times of the steps of ${target.document.release}` };
}
