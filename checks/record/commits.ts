// The commits that a release brings, from the project's repository: what lead times are counted from. Where there is no
// repository, no git or no commit in the settings, none are known.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";

const run = promisify(execFile);
const MOST_COMMITS = 500;
const REVISION = /^[0-9a-f]{7,64}$/;

/** One commit, with the time at which it came into the repository. */
export const commit = () => z.object({ id: z.string(), committedAt: z.string() });
export type Commit = z.output<ReturnType<typeof commit>>;

/**
 * The commits after `since` up to `until`, newest first; only `until` where the earlier one is not known.
 * @param directory a folder of the repository
 */
export async function commitsBetween(
  directory: string,
  since: string | undefined,
  until: string,
  signal: AbortSignal,
): Promise<Commit[]> {
  if (!REVISION.test(until)) return [];
  const log = async (...range: string[]) => {
    const args = ["-C", directory, "log", "--no-show-signature", "--format=%H %cI", ...range, "--"];
    const { stdout } = await run("git", args, { signal, maxBuffer: 1 << 24 });
    return stdout.split("\n").flatMap((line) => {
      const [id, committedAt] = line.split(" ");
      return id && committedAt ? [{ id, committedAt: new Date(committedAt).toISOString() }] : [];
    });
  };
  try {
    if (since === until) return [];
    if (since === undefined || !REVISION.test(since)) return await log("--max-count=1", until);
    return await log(`--max-count=${MOST_COMMITS}`, `${since}..${until}`).catch(() =>
      log("--max-count=1", until),
    );
  } catch {
    signal.throwIfAborted();
    return [];
  }
}
