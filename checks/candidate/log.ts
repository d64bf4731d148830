// What the candidate wrote into its log while it was tried: that it told of what went well and of what failed, and no secret; and
// that a log which is full is rotated.
import { appendFile, open, rm, stat } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import type { CandidateInputs } from "../candidate.ts";
import { uncompressed } from "../logs/compressed.ts";
import { type Found, isCompressed, rotatedOf } from "../logs/rotated.ts";
import { type Observation, observe } from "../step/definition.ts";
import { passwordsOf, redactor } from "../step/redaction.ts";

// The trial is short; more than this would be a flood, whose end is enough.
const MOST_BYTES = 4 * 1024 * 1024;

// A file's time may lag behind the clock.
const LAG_MILLISECONDS = 100;

/** Where a log ends; one that is rotated stays the same file under another name, unless it is copied or compressed. */
export interface End {
  bytes: number;
  /** Undefined where there is no file yet. */
  inode: number | undefined;
  /** When it was written to last, or now, in milliseconds since 1970: what it is rotated into is not older. */
  at: number;
}

export async function endOf(file: string): Promise<End> {
  try {
    const { size, ino, mtimeMs } = await stat(file);
    return { bytes: size, inode: ino, at: mtimeMs };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      return { bytes: 0, inode: undefined, at: Date.now() - LAG_MILLISECONDS };
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

/** What was written since then, also into what the file was rotated into meanwhile, be it several times. */
async function textSince(file: string, end: End): Promise<string> {
  const current = { file, ...(await endOf(file)) };
  const parts = [...(await rotatedSince(file, end)), ...(current.inode === undefined ? [] : [current])];
  const same = parts.findIndex(({ inode, bytes }) => inode === end.inode && bytes >= end.bytes);
  // Copied or compressed it is another file, the first of those that were rotated; one that was emptied begins anew.
  const first = Math.max(same, 0);
  const isFirst = (index: number) => index === first && (same >= 0 || parts[index] !== current);
  const texts: string[] = [];
  for (const [index, { file: name }] of parts.entries())
    if (index >= first) texts.push(await textOf(name, isFirst(index) ? end.bytes : 0));
  return texts.join("");
}

/** The oldest first. */
async function rotatedSince(file: string, { at }: End): Promise<Found[]> {
  return (await rotatedOf(file)).filter((one) => one.at >= at).reverse();
}

async function textOf(file: string, from: number): Promise<string> {
  if (!isCompressed(file)) return await tailOf(file, from);
  return (await buffer(uncompressed(file))).subarray(from).subarray(-MOST_BYTES).toString("utf8");
}

async function tailOf(file: string, from: number): Promise<string> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const start = Math.max(Math.min(from, size), size - MOST_BYTES);
    const buffer = Buffer.alloc(size - start);
    await handle.read(buffer, 0, buffer.length, start);
    return buffer.toString("utf8");
  } finally {
    await handle.close();
  }
}

type Rotation = NonNullable<NonNullable<CandidateInputs["log"]>["rotation"]>;

/** Brings the log to its largest size. */
export async function fillLog(file: string, { maximumBytes }: Rotation): Promise<void> {
  const missing = maximumBytes - (await endOf(file)).bytes;
  const line = `${new Date().toISOString()} | INFO | trial | filled before the trial {}\n`;
  if (missing > 0) await appendFile(file, line.repeat(Math.ceil(missing / line.length)), { mode: 0o600 });
}

/** Observation `log-rotated`. What was filled in is taken away again. @param from the end of what was filled in */
export async function judgeRotation(
  file: string,
  { maximumBytes, maximumFiles }: Rotation,
  from: End,
): Promise<Observation> {
  const older = await rotatedOf(file);
  const added = await rotatedSince(file, from);
  const { bytes } = await endOf(file);
  for (const { file: name } of added) await rm(name, { force: true });
  return observe(
    "log-rotated",
    added.length > 0 && bytes > 0 && bytes <= maximumBytes && older.length <= maximumFiles,
    `a log of ${maximumBytes} bytes is rotated: a new file of less, and at most ${maximumFiles} older ones`,
    `${added.length} rotated in the trial, ${older.length} older ones; the file has ${bytes} bytes`,
  );
}
