// Where a release comes from: a commit on the branch and with the tag that releases have, and nothing beside it.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { BuildInputs } from "../build.ts";
import { type Observation, observe } from "../step/definition.ts";
import { messageOf } from "../step/host.ts";

export interface Checkout {
  commit: string;
  observations: Observation[];
}

/** Observations `git-clean`, `git-branch` and `git-tag`, as far as they are asked for. */
export async function judgeGit(
  { clean, branch, tag }: NonNullable<BuildInputs["git"]>,
  directory: string,
  signal: AbortSignal,
): Promise<Checkout> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)("git", ["-C", directory, ...args], { signal })).stdout.trim();
  try {
    const commit = await git("rev-parse", "HEAD");
    const observations: Observation[] = [];
    if (clean) {
      const changed = (await git("status", "--porcelain", "--", "."))
        .split("\n")
        .filter((line) => line !== "");
      const observed = changed.length === 0 ? "none" : `${changed.length}, e.g. ${changed[0]?.trim()}`;
      observations.push(
        observe("git-clean", changed.length === 0, "no change that is not committed", observed),
      );
    }
    if (branch !== undefined) {
      // A checkout of CI has no local branch: remote ones that hold the commit count as well.
      const names = (await git("branch", "--all", "--contains", "HEAD", "--format=%(refname:short)"))
        .split("\n")
        .map((name) => name.replace(/^[^/]+\//, ""));
      const observed =
        [...new Set(names)].filter((name) => !name.startsWith("(")).join(", ") || "on no branch";
      observations.push(observe("git-branch", names.includes(branch), `commit on ${branch}`, observed));
    }
    if (tag !== undefined) {
      const tags = (await git("tag", "--points-at", "HEAD")).split("\n").filter((name) => name !== "");
      observations.push(
        observe("git-tag", tags.includes(tag), `commit tagged ${tag}`, tags.join(", ") || "no tag"),
      );
    }
    return { commit, observations };
  } catch (error) {
    if (signal.aborted) throw error;
    const ids = [clean && "git-clean", branch && "git-branch", tag && "git-tag"].filter(
      (id) => typeof id === "string",
    );
    return {
      commit: "",
      observations: ids.map((id) => ({
        id,
        result: "inconclusive",
        expected: "a checkout of git",
        observed: messageOf(error).split("\n")[0] ?? "",
      })),
    };
  }
}
