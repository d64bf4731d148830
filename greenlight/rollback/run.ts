// One rollback: choose the release, put its project together, preview it as a rollback, and bring it up. Every part looks first
// what is done, so running it again finishes what was interrupted.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ConcurrentUpdateError, type EngineEvent, type Stack } from "@pulumi/pulumi/automation/index.js";
import { chainFaults, type StoredRecord } from "../../checks/record/links.ts";
import { type Choice, chooseTarget, sayTarget } from "../../checks/record/target.ts";
import { rollback } from "../../infra/settings/sections/rollback.ts";
import { stackNameOf } from "../../infra/settings/stack-file-path.ts";
import type { Report } from "../../report/report.ts";
import { stepsOf } from "../../report/steps.ts";
import { ended, failureOf, keepFailure, reportOf } from "../deployment.ts";
import { type Engine, openStack } from "../engine.ts";
import { inFolder } from "../in-folder.ts";
import { withEngine } from "../interruption.ts";
import { freeAbandoned, refuseLocked } from "../locked.ts";
import { type Progress, Progression } from "../progress.ts";
import { fetchSnapshot, type RecordPlace, recordPlace, recordsUntil } from "../records/bucket.ts";
import { copiesFolder } from "../records/copies.ts";
import { durationsOf } from "../records/durations.ts";
import { sectionOf } from "../stack-file.ts";
import { whileHolding } from "./lock.ts";
import { planLines } from "./plan.ts";
import { writeFiles, writeUndoProject } from "./project.ts";
import { endSession, isLeftBehind, keepSession, readSession, type Session } from "./session.ts";

const PROGRAM = fileURLToPath(new URL("../..", import.meta.url));

export interface RollbackOptions {
  engine: Engine;
  /** Folder of the system's Pulumi.yaml. */
  directory: string;
  stack: string;
  environment: { [name: string]: string };
  /** A release or the key of a record. @default the newest that passed before */
  to?: string;
  restoreDatabase: boolean;
  /** Whether a trigger decided it: then what was itself gone back to is not gone back from. */
  automatic?: boolean;
  /** Whether only the plan is wanted. */
  previewOnly?: boolean;
  /** Shown before anything is touched; `false` ends it there. A rollback that is gone on with is not previewed again. */
  onPlan(lines: string[], preview: Progression | undefined): Promise<boolean>;
  onUpdate(progress: Progress): void;
}

/**
 * @returns the report of the rollback; undefined when it was not gone ahead with
 * @throws before anything is touched when there is no way back, saying what is missing, or somebody else is at it
 */
export async function rollBack(options: RollbackOptions): Promise<Report | undefined> {
  const here = await open(options, options.directory);
  const { name: system } = await here.workspace.projectSettings();
  const home = join(PROGRAM, ".greenlight", "rollback", system, stackNameOf(options.stack));
  return whileHolding(join(home, "lock.json"), options.stack, () => goBack(options, here, home));
}

async function goBack(options: RollbackOptions, here: Stack, home: string): Promise<Report | undefined> {
  const sessionFile = join(home, "session.json");
  const left = await readSession(sessionFile);
  const { deployment } = await here.exportStack();
  const place = recordPlace(here, deployment);
  if (!place)
    throw new Error(
      `stack "${options.stack}": keeps no release records, want greenlight:record; there is nothing to go back to`,
    );
  const failed = stepsOf(deployment).some(({ message }) => message !== undefined);
  const underWay = (read: StoredRecord[]) => (left && !isLeftBehind(left, read) ? left : undefined);
  const records = await recordsUntil(place, (read) => {
    const to = underWay(read)?.to;
    return to === undefined ? sayTarget(read, options.to, failed) : read.some(({ key }) => key === to);
  });
  const begun = underWay(records);
  const [broken] = chainFaults(records);
  if (broken !== undefined)
    throw new Error(
      `records: ${broken}; find out who changed it before you rely on them (greenlight verify)`,
    );
  const choice = begun ? resumed(records, begun, options) : chooseTarget(records, options.to, failed);
  if (options.automatic && !begun && !failed && records.at(-1)?.document.rollback)
    throw new Error(
      `stack "${options.stack}": what runs was gone back to by a rollback, so the release before is hardly the cause; want a person to decide: npx greenlight rollback -s ${options.stack}${inFolder(options.directory)}`,
    );
  const session = begun ?? {
    to: choice.target.key,
    undoes: choice.undone?.key ?? null,
    startedAt: new Date().toISOString(),
    backup: options.restoreDatabase ? backupOf(choice, deployment) : null,
  };
  const project = await writeProject(options, home, place, choice, session);
  const back = await open(options, project);
  const startedAt = new Date();
  // One that is under way was agreed to; what is left of it is found out by its steps.
  const preview = begun && !options.previewOnly ? undefined : await previewed(back);
  const lines = [
    ...(begun ? [`goes on with the rollback that began at ${begun.startedAt}`] : []),
    ...planLines(choice, session.backup !== null),
  ];
  if (!(await options.onPlan(lines, preview))) return undefined;
  await keepSession(sessionFile, session);
  options.onUpdate({ event: "planned", steps: preview?.planned ?? [], expected: durationsOf(records) });
  const update = new Progression(options.onUpdate);
  const onEvent = (event: EngineEvent) => update.see(event);
  const up = () => withEngine((signal) => failureOf(back.up({ onEvent, signal, color: "never" })));
  let failure = await up();
  if (await freeAbandoned(back, failure)) failure = await up();
  if (!failure || (failure instanceof ConcurrentUpdateError && !begun)) await endSession(sessionFile);
  refuseLocked(failure, options.stack);
  const state = await back.exportStack();
  const report = await reportOf(back, state, {
    directory: project,
    commandsIn: options.directory,
    engine: options.engine.label,
    startedAt,
    planned: preview?.planned ?? update.planned,
    ...ended(update, failure, `npx greenlight rollback -s ${options.stack}${inFolder(options.directory)}`),
  });
  if (failure) await keepFailure(back, state, report, project, options.environment);
  return report;
}

/** @throws with what stands in the way: nothing was touched */
async function previewed(back: Stack): Promise<Progression> {
  const preview = new Progression(() => {});
  const onEvent = (event: EngineEvent) => preview.see(event);
  const refused = await withEngine((signal) => failureOf(back.preview({ onEvent, signal, color: "never" })));
  if (refused) throw new Error(`nothing was touched: ${preview.faults(refused).join("\n")}`);
  return preview;
}

function open({ stack, environment, engine }: RollbackOptions, workDir: string): Promise<Stack> {
  return openStack(stack, workDir, engine, { envVars: environment });
}

/** @throws when the one that is under way goes elsewhere */
function resumed(records: StoredRecord[], { to, undoes }: Session, options: RollbackOptions): Choice {
  const target = records.find(({ key }) => key === to);
  if (!target) throw new Error(`rollback: the record ${to} is gone; it was begun with it`);
  if (options.to !== undefined && options.to !== to && options.to !== target.document.release)
    throw new Error(
      `rollback: one to ${target.document.release} is under way, want it finished first; run it without --to`,
    );
  return { target, undone: records.find(({ key }) => key === undoes) };
}

/** The backup that was taken before what is undone. @throws when there is none */
function backupOf({ undone, target }: Choice, deployment: unknown): Session["backup"] {
  const recorded = undone?.document.steps.backup?.facts;
  const last = stepsOf(deployment).find(({ name }) => name === "backup")?.facts;
  const facts = recorded ?? last;
  if (facts?.key === undefined || facts.key === target.document.steps.backup?.facts.key)
    throw new Error(
      "rollback: no backup was taken before the release that is undone, want one; without --restore-database the down files are used",
    );
  return JSON.parse(JSON.stringify(facts));
}

async function writeProject(
  options: RollbackOptions,
  home: string,
  place: RecordPlace,
  choice: Choice,
  session: Session,
): Promise<string> {
  const { target, undone } = choice;
  const { snapshot } = target.document;
  if (!snapshot) throw new Error(`record ${target.key}: keeps no project`);
  const taken = await fetchSnapshot(place, snapshot);
  const migrations: string[] = [];
  const kept = undone?.document.snapshot;
  if (kept?.migrations) {
    const folder = join(home, "undone");
    // An earlier rollback's files are of another release.
    await rm(folder, { recursive: true, force: true });
    await writeFiles(folder, await fetchSnapshot(place, kept));
    migrations.push(join(folder, kept.migrations));
  }
  // A deployment that failed kept nothing: its files are those that are here.
  if (snapshot.migrations) {
    const inHere = snapshot.migrations.startsWith(taken.project)
      ? join(resolve(options.directory), snapshot.migrations.slice(taken.project.length))
      : join(PROGRAM, snapshot.migrations);
    if (existsSync(inHere)) migrations.push(inHere);
    migrations.push(join(home, "project", snapshot.migrations));
  }
  return writeUndoProject({
    program: PROGRAM,
    folder: join(home, "project"),
    stack: options.stack,
    target,
    snapshot: taken,
    undoes: session.undoes ?? undefined,
    startedAt: session.startedAt,
    limitSeconds: sectionOf(
      { ...options, environment: { ...process.env, ...options.environment } },
      "rollback",
      rollback(),
    )?.limitSeconds,
    migrations,
    copies: copiesFolder(options.directory, options.stack, { ...process.env, ...options.environment }),
    backup: session.backup ?? undefined,
  });
}
