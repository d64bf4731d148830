// What the candidate wrote into its log while it was tried: that it told of what went well and of what failed, and no secret; and
// that a log which is full is rotated.
import { appendFile, open, readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { CandidateInputs } from "../candidate.ts";
import { type Observation, observe } from "../step/definition.ts";
import { passwordsOf, redactor } from "../step/redaction.ts";

// The trial is short; more than this would be a flood, whose end is enough.
const MOST_BYTES = 4 * 1024 * 1024;

/** Size before the trial; 0 where there is no file yet. */
export async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
}

/**
 * Values that may stand in no log: those of the secret variables, and the password of every address among all of them, since the
 * candidate's addresses are the copy's.
 */
export function secretsOf({
  environment,
  secretVariables,
}: Pick<CandidateInputs, "environment" | "secretVariables">): string[] {
  const values = secretVariables.flatMap((name) => environment[name] ?? []);
  return [...new Set([...values, ...Object.values(environment).flatMap(passwordsOf)])];
}

/** Observations `log-normal`, `log-failure`, `log-secrets`. @param failed whether something was made to fail */
export async function judgeLog(
  { file, normal, failure }: NonNullable<CandidateInputs["log"]>,
  from: number,
  secrets: string[],
  failed: boolean,
): Promise<Observation[]> {
  const text = await tailOf(file, from);
  const lines = text.split("\n").filter((line) => line !== "");
  const matching = (pattern: string) => lines.filter((line) => new RegExp(pattern).test(line)).length;
  const leaks = secrets.filter((secret) => redactor([secret])(text) !== text).length;
  const count = (id: string, pattern: string, what: string) =>
    observe(
      id,
      matching(pattern) > 0,
      `${what} stands in the log, at least 1 line with ${pattern}`,
      `${matching(pattern)} of ${lines.length} lines`,
    );
  return [
    count("log-normal", normal, "what went well"),
    ...(failed ? [count("log-failure", failure, "what failed")] : []),
    observe(
      "log-secrets",
      leaks === 0 && lines.length > 0,
      "no value of a secret stands in the log",
      `${leaks} of ${secrets.length} secrets in ${lines.length} lines`,
    ),
  ];
}

async function tailOf(file: string, from: number): Promise<string> {
  const size = await sizeOf(file);
  // A file that was rotated meanwhile begins anew.
  const start = Math.max(size < from ? 0 : from, size - MOST_BYTES);
  if (size === 0) return "";
  const handle = await open(file, "r");
  try {
    const bytes = Buffer.alloc(size - start);
    await handle.read(bytes, 0, bytes.length, start);
    return bytes.toString("utf8");
  } finally {
    await handle.close();
  }
}

type Rotation = NonNullable<NonNullable<CandidateInputs["log"]>["rotation"]>;

/** Brings the log to its largest size; gives the names of the files that there are. */
export async function fillLog(file: string, { maximumBytes }: Rotation): Promise<Set<string>> {
  const missing = maximumBytes - (await sizeOf(file));
  const line = `${new Date().toISOString()} | INFO | trial | filled before the trial {}\n`;
  if (missing > 0) await appendFile(file, line.repeat(Math.ceil(missing / line.length)), { mode: 0o600 });
  return new Set(await readdir(dirname(file)));
}

/** Observation `log-rotated`. What was filled in is taken away again. @param before names of the files before the trial */
export async function judgeRotation(
  file: string,
  { maximumBytes, maximumFiles }: Rotation,
  before: Set<string>,
): Promise<Observation> {
  const folder = dirname(file);
  // All but the ending: of `orders.candidate.log` no `orders.log.1`, which is production's.
  const stem = basename(file).replace(/(?<=.)\.[^.]*$/, "");
  const now = (await readdir(folder)).filter((name) => name.includes(stem));
  const older = now.filter((name) => name !== basename(file));
  const added = older.filter((name) => !before.has(name));
  const bytes = await sizeOf(file);
  for (const name of added) await rm(join(folder, name));
  return observe(
    "log-rotated",
    added.length > 0 && bytes > 0 && bytes <= maximumBytes && older.length <= maximumFiles,
    `a log of ${maximumBytes} bytes is rotated: a new file of less, and at most ${maximumFiles} older ones`,
    `${added.length} rotated in the trial, ${older.length} older ones; the file has ${bytes} bytes`,
  );
}
