// The machine that deploys: programs and their versions, free disk space, the clock.
import { execFile } from "node:child_process";
import { statfs } from "node:fs/promises";
import { promisify } from "node:util";
import { attempt } from "../http/request.ts";
import { type Observation, observe } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";

/** Observation `tool-<program>`. @param minimum e.g. `22.18` */
export async function judgeTool(program: string, minimum: string, signal: AbortSignal): Promise<Observation> {
  const id = `tool-${program.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
  const expected = `${program} ${minimum} or newer`;
  try {
    const { stdout, stderr } = await promisify(execFile)(program, ["--version"], { signal, timeout: 10_000 });
    // Without its name, which may hold a digit: s3cmd, sha256sum.
    const version = /\d+(\.\d+)*/.exec((stdout || stderr).replaceAll(program, ""))?.[0];
    if (version === undefined)
      return { id, result: "inconclusive", expected, observed: "it says no version" };
    return observe(id, isAtLeast(version, minimum), expected, `${program} ${version}`);
  } catch (error) {
    if (signal.aborted) throw error;
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return observe(id, false, expected, missing ? "not found on PATH" : "does not answer --version");
  }
}

/** Compares versions number by number; what is not given counts as 0. */
export function isAtLeast(version: string, minimum: string): boolean {
  const seen = version.split(".").map(Number);
  const wanted = minimum.split(".").map(Number);
  for (const [at, want] of wanted.entries()) {
    const have = seen[at] ?? 0;
    if (have !== want) return have > want;
  }
  return true;
}

/** Observation `disk-<folder>`. */
export async function judgeDisk(folder: string, minimumMib: number): Promise<Observation> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return judgeFree(folder, (bavail * bsize) / 1024 / 1024, minimumMib);
  } catch (error) {
    return { ...judgeFree(folder, 0, minimumMib), result: "failed", observed: messageOf(error) };
  }
}

export function judgeFree(folder: string, freeMib: number, minimumMib: number): Observation {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  const expected = `at least ${minimumMib} MiB free in ${folder}`;
  return observe(
    `disk-${name || "root"}`,
    freeMib >= minimumMib,
    expected,
    `${Math.floor(freeMib)} MiB free`,
  );
}

/** Observation `clock`, from the Date header of an answer of any status. */
export async function judgeClock(
  url: string,
  maximumSeconds: number,
  signal: AbortSignal,
): Promise<Observation> {
  const answer = await attempt({ url, method: "HEAD", timeoutSeconds: 10, signal });
  const theirs = "error" in answer ? Number.NaN : Date.parse(answer.headers.date ?? "");
  if (Number.isNaN(theirs)) {
    const observed = "error" in answer ? answer.error : `no Date header from ${url}`;
    return { id: "clock", result: "inconclusive", expected: `within ${maximumSeconds} s of AWS`, observed };
  }
  // The header has whole seconds, cut off: the middle of the second is the best guess.
  return judgeSkew((Date.now() - theirs - 500) / 1000, maximumSeconds);
}

export function judgeSkew(skewSeconds: number, maximumSeconds: number): Observation {
  const direction = skewSeconds < 0 ? "behind" : "ahead";
  return observe(
    "clock",
    Math.abs(skewSeconds) <= maximumSeconds,
    `within ${maximumSeconds} s of AWS's clock`,
    `${Math.abs(skewSeconds).toFixed(1)} s ${direction}`,
  );
}
