// Faults of the repository that a release comes from.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { Fault } from "./fault.ts";
import type { FaultySystem } from "./faulty-system.ts";

const build = z.object({ git: z.object({ repository: z.string() }) });

/** Runs git in the repository of the release. */
export async function git(system: FaultySystem, ...args: string[]): Promise<string> {
  const { repository } = build.parse(system.inputsOf("build")).git;
  const author = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
  const { stdout } = await promisify(execFile)("git", [...author, `--git-dir=${repository}`, ...args]);
  return stdout.trim();
}

/** The tag is not there. */
export const untagged =
  (tag: string): Fault["apply"] =>
  async (system) => {
    const commit = await git(system, "rev-list", "-1", tag);
    await git(system, "tag", "--delete", tag);
    return () => git(system, "tag", tag, commit);
  };

/** Origin has an older commit on the branch. */
export const unpushed =
  (branch: string, older: string): Fault["apply"] =>
  async (system) => {
    await git(system, "push", "--quiet", "--force", "origin", `${older}:refs/heads/${branch}`);
    return () => git(system, "push", "--quiet", "--force", "origin", branch);
  };

/** A commit that no branch of the release has, with a key in a file. */
export const keyInHistory: Fault["apply"] = async (system) => {
  // In parts, so that no scanner finds it here.
  const file = join(system.scratch, "key.txt");
  await writeFile(file, `token = "${["ghp", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].join("_")}"\n`);
  const blob = await git(system, "hash-object", "-w", file);
  const tree = await mktree(system, `100644 blob ${blob}\tkey.txt\n`);
  const commit = await git(system, "commit-tree", tree, "-m", "a key");
  await git(system, "update-ref", "refs/heads/old-work", commit);
  return () => git(system, "update-ref", "-d", "refs/heads/old-work");
};

async function mktree(system: FaultySystem, entries: string): Promise<string> {
  const { repository } = build.parse(system.inputsOf("build")).git;
  const child = promisify(execFile)("git", [`--git-dir=${repository}`, "mktree"]);
  child.child.stdin?.end(entries);
  return (await child).stdout.trim();
}
