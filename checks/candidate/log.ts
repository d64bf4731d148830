// What the candidate wrote into its log while it was tried: that it told of what went well and of what failed, and no secret.
import { open, stat } from "node:fs/promises";
import type { CandidateInputs } from "../candidate.ts";
import { type Observation, observe } from "../step/definition.ts";

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
  const leaks = secrets.filter((secret) => secret.length >= 6 && text.includes(secret)).length;
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
