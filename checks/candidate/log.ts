// What the candidate wrote into its log while it was tried: that it told of what went well and of what failed, and no secret; and
// that a log which is full is rotated.
import { appendFile, open, readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { CandidateInputs } from "../candidate.ts";
import { type Observation, observe } from "../step/definition.ts";
import { passwordsOf, redactor } from "../step/redaction.ts";

// The trial is short; more than this would be a flood, whose end is enough.
const MOST_BYTES = 4 * 1024 * 1024;

/** Where a log ends; one that is rotated stays the same file under another name. */
export interface End {
  bytes: number;
  /** Undefined where there is no file yet. */
  inode: number | undefined;
}

export async function endOf(file: string): Promise<End> {
  try {
    const { size, ino } = await stat(file);
    return { bytes: size, inode: ino };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      return { bytes: 0, inode: undefined };
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
  from: End,
  secrets: string[],
  failed: boolean,
): Promise<Observation[]> {
  const text = await textSince(file, from);
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

/** What was written since then, also into the file that was rotated meanwhile. */
async function textSince(file: string, { bytes, inode }: End): Promise<string> {
  const now = await endOf(file);
  if (now.inode === inode) return await tailOf(file, bytes);
  const folder = dirname(file);
  const files = (await olderOf(file)).map((name) => join(folder, name));
  const ends = await Promise.all(files.map(async (name) => ({ name, inode: (await endOf(name)).inode })));
  const rotated = inode === undefined ? undefined : ends.find((one) => one.inode === inode)?.name;
  const before = rotated === undefined ? "" : await tailOf(rotated, bytes);
  return before + (now.inode === undefined ? "" : await tailOf(file, 0));
}

async function tailOf(file: string, from: number): Promise<string> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    // A file that was emptied meanwhile begins anew.
    const start = Math.max(size < from ? 0 : from, size - MOST_BYTES);
    const buffer = Buffer.alloc(size - start);
    await handle.read(buffer, 0, buffer.length, start);
    return buffer.toString("utf8");
  } finally {
    await handle.close();
  }
}

/** Files beside it whose names have all of its own but the ending: of `orders.candidate.log` no `orders.log.1`, which is production's. */
async function olderOf(file: string): Promise<string[]> {
  const own = basename(file);
  const stem = own.replace(/(?<=.)\.[^.]*$/, "");
  return (await readdir(dirname(file))).filter((name) => name !== own && name.includes(stem));
}

type Rotation = NonNullable<NonNullable<CandidateInputs["log"]>["rotation"]>;

/** Brings the log to its largest size; gives the names of the files that there are. */
export async function fillLog(file: string, { maximumBytes }: Rotation): Promise<Set<string>> {
  const missing = maximumBytes - (await endOf(file)).bytes;
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
  const older = await olderOf(file);
  const added = older.filter((name) => !before.has(name));
  const { bytes } = await endOf(file);
  for (const name of added) await rm(join(folder, name));
  return observe(
    "log-rotated",
    added.length > 0 && bytes > 0 && bytes <= maximumBytes && older.length <= maximumFiles,
    `a log of ${maximumBytes} bytes is rotated: a new file of less, and at most ${maximumFiles} older ones`,
    `${added.length} rotated in the trial, ${older.length} older ones; the file has ${bytes} bytes`,
  );
}
