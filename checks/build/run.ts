// One look at a build: reports made where they are of other contents, then each judged; then the tree and the checkout.
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildInputs } from "../build.ts";
import { digestJson } from "../canonical-json.ts";
import { inParallel } from "../in-parallel.ts";
import { runCommand } from "../release/command.ts";
import { digestOfContents } from "../release/contents.ts";
import { type Facts, type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { judgeGit } from "./git.ts";
import { judgeReport } from "./judge.ts";
import type { BuildReport } from "./report.ts";
import { readStamp, STAMP, type Stamp } from "./stamp.ts";
import { judgeTree } from "./tree.ts";

// One computes while another waits, e.g. tests for a database.
const TOOLS_AT_ONCE = 2;
// Between the clocks of two machines; what was made later than now, as by a local time that says it is UTC, is of no known age.
const CLOCKS_APART_HOURS = 0.25;
// Some file systems keep even seconds.
const FILE_TIMES_APART_MILLISECONDS = 2_000;

export async function runBuild(given: BuildInputs, { log, signal }: StepContext): Promise<Finding> {
  const contents = digestOfContents(given.contents);
  const observations: Observation[] = [];
  const facts: Facts = { contents };
  if (given.reports.length > 0) {
    const stamp = await currentStamp(given, contents, log, signal);
    observations.push(judgeStamp(stamp, contents, given.maximumAgeHours));
    facts.finishedAt = stamp?.finishedAt ?? null;
    for (const report of given.reports) {
      const { observation, facts: figures } = await look(given, report, stamp);
      observations.push(observation);
      if (Object.keys(figures).length > 0) facts[report.name] = figures;
    }
  }
  if (given.scan) observations.push(...(await judgeTree(given.scan, given.scan.paths ?? given.contents)));
  if (given.git) {
    const checkout = await judgeGit(given.git, given, signal);
    observations.push(...checkout.observations);
    facts.commit = checkout.commit;
  }
  const bad = observations.filter(({ result }) => result === "failed" || result === "inconclusive");
  log(`${observations.length - bad.length} of ${observations.length} in order`);
  return { observations, facts };
}

const commandsOf = ({ reports }: BuildInputs) =>
  digestJson(reports.map(({ name, command }) => [name, command ?? null]));

/** Whether the reports are of these contents, by these commands, and young enough. */
export function isCurrent(stamp: Stamp | undefined, contents: string, given: BuildInputs): boolean {
  if (stamp?.contents !== contents) return false;
  const own = given.reports.some(({ command }) => command !== undefined);
  if (own && stamp.commands !== commandsOf(given)) return false;
  return isYoung(ageHours(stamp), given.maximumAgeHours);
}

/** Runs the tools unless their reports are current; they all run, so that all faults show together. */
async function currentStamp(
  given: BuildInputs,
  contents: string,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<Stamp | undefined> {
  const directory = join(given.directory, given.reportsDirectory);
  const known = readStamp(directory);
  const own = given.reports.filter(({ command }) => command !== undefined);
  if (isCurrent(known, contents, given) || own.length === 0) return known;
  await mkdir(directory, { recursive: true });
  // A run that is ended half way leaves logs of these contents: nothing may say any more that they are of others.
  await rm(join(directory, STAMP), { force: true });
  // What a pipeline says to be of these contents stays so.
  const isTheirs = known?.contents === contents && known.commands === "";
  const startedAt = isTheirs ? undefined : new Date().toISOString();
  const exitCodes: { [name: string]: number } = {};
  await inParallel(own, TOOLS_AT_ONCE, async ({ name, command = [], file }) => {
    // What an earlier run wrote is no report of this one.
    if (file !== undefined) await rm(join(given.directory, file), { force: true });
    const lines: string[] = [];
    const keep = (line: string) => lines.push(line);
    const ended = await runCommand({ command, directory: given.directory, environment: {} }, keep, signal);
    exitCodes[name] = ended.exitCode ?? -1;
    await writeFile(join(directory, `${name}.log`), `${lines.join("\n")}\n`);
    log(`${name}: exit ${exitCodes[name]} after ${ended.seconds.toFixed(1)} s`);
  });
  const finishedAt = new Date().toISOString();
  const stamp = { contents, commands: commandsOf(given), startedAt, finishedAt, exitCodes };
  await writeFile(join(directory, STAMP), `${JSON.stringify(stamp, null, 2)}\n`);
  return stamp;
}

async function look(given: BuildInputs, report: BuildReport, stamp: Stamp | undefined) {
  const path = report.file
    ? join(given.directory, report.file)
    : join(given.directory, given.reportsDirectory, `${report.name}.log`);
  const inconclusive = (observed: string) => {
    const expected = `a ${report.kind} report`;
    const observation: Observation = { id: report.name, result: "inconclusive", expected, observed };
    return { observation, facts: {} };
  };
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return inconclusive(`no file ${path}`);
  const fault = await earlier(report, path, stamp);
  if (fault !== undefined) return inconclusive(fault);
  return judgeReport(report, { text, exitCode: stamp?.exitCodes[report.name] });
}

/** Why the report of no command of its own is one of an earlier run: of the tools that ran here none wrote it. */
async function earlier(
  { command, file }: BuildReport,
  path: string,
  stamp: Stamp | undefined,
): Promise<string | undefined> {
  if (command !== undefined || stamp?.startedAt === undefined) return undefined;
  const { mtime } = await stat(path);
  if (mtime.getTime() >= Date.parse(stamp.startedAt) - FILE_TIMES_APART_MILLISECONDS) return undefined;
  return `${file} is of ${mtime.toISOString()}, before the tools ran at ${stamp.startedAt}; name the command that writes it, or say in ${STAMP} of which contents it is`;
}

function ageHours({ finishedAt }: Stamp): number {
  return (Date.now() - Date.parse(finishedAt)) / 3_600_000;
}

function isYoung(hours: number, maximumAgeHours: number): boolean {
  return hours >= -CLOCKS_APART_HOURS && hours <= maximumAgeHours;
}

/** Observation `reports-current`. */
export function judgeStamp(stamp: Stamp | undefined, contents: string, maximumAgeHours: number): Observation {
  const expected = `reports of the contents ${contents.slice(0, 12)}, at most ${maximumAgeHours} h old`;
  if (!stamp) return observe("reports-current", false, expected, `no ${STAMP} says of what the reports are`);
  const hours = ageHours(stamp);
  const seen = `of ${stamp.contents.slice(0, 12)}, ${hours.toFixed(1)} h old`;
  const isCurrent = stamp.contents === contents && isYoung(hours, maximumAgeHours);
  return observe("reports-current", isCurrent, expected, seen);
}
