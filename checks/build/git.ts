// Where a release comes from: a commit on the branch and with the tag that releases have, after the version before it, pushed, and
// nothing beside it.
import { execFile } from "node:child_process";
import { relative } from "node:path";
import { promisify } from "node:util";
import type { BuildInputs } from "../build.ts";
import { type Observation, observe } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";
import { judgeHistory } from "./history.ts";

export interface Checkout {
  commit: string;
  observations: Observation[];
}

type Wanted = NonNullable<BuildInputs["git"]>;
type Git = (...args: string[]) => Promise<string>;

/** Observations `git-clean`, `git-branch`, `git-tag`, `git-annotated-tag`, `git-previous-tag`, `git-pushed` and `git-history`, as far as asked for. */
export async function judgeGit(
  wanted: Wanted,
  { directory, contents, scan }: Pick<BuildInputs, "directory" | "contents" | "scan">,
  signal: AbortSignal,
): Promise<Checkout> {
  const { repository } = wanted;
  const where = ["-C", directory, ...(repository === undefined ? [] : [`--git-dir=${repository}`])];
  // At a terminal git would ask for the name and password of an origin that wants some, and wait for an answer.
  const env = { ...process.env, GIT_TERMINAL_PROMPT: "0" };
  const git: Git = async (...args) =>
    (await promisify(execFile)("git", [...where, ...args], { signal, env })).stdout.trim();
  const { clean, branch, tag, annotated, previousTag, pushed, history } = wanted;
  try {
    const commit = await git("rev-parse", "HEAD");
    const looks = [
      clean &&
        judgeClean(
          git,
          contents.map((path) => relative(directory, path) || "."),
        ),
      branch && judgeBranch(git, branch),
      tag && judgeTag(git, tag),
      tag && annotated && judgeAnnotated(git, tag, commit),
      previousTag && judgePrevious(git, previousTag, tag),
      pushed && judgePushed(git, branch ?? "HEAD", commit),
      history && judgeHistory(where, { accepted: scan?.accepted ?? [], values: scan?.values ?? {} }, signal),
    ];
    const observations = await Promise.all(looks.filter((look) => typeof look === "object"));
    return { commit, observations };
  } catch (error) {
    if (signal.aborted) throw error;
    const ids = [
      clean && "git-clean",
      branch && "git-branch",
      tag && "git-tag",
      tag && annotated && "git-annotated-tag",
      previousTag && "git-previous-tag",
      pushed && "git-pushed",
      history && "git-history",
    ].filter((id) => typeof id === "string");
    const without = error instanceof Error && "code" in error && error.code === "ENOENT";
    return {
      commit: "",
      observations: ids.map((id) => ({
        id,
        result: without ? wanted.withoutGit : "inconclusive",
        expected: "a checkout of git",
        observed: without ? "no git is installed" : reasonOf(messageOf(error)),
      })),
    };
  }
}

/** The first line is only the command; git says why in a line of its own. */
function reasonOf(message: string): string {
  const [command = "", ...said] = lines(message);
  return said.find((line) => line.startsWith("fatal: ")) ?? said.at(-1) ?? command;
}

async function judgeClean(git: Git, paths: string[]): Promise<Observation> {
  // Whatever this machine's own settings leave out of a status.
  const changed = lines(await git("status", "--porcelain", "--untracked-files=normal", "--", ...paths));
  const observed = changed.length === 0 ? "none" : `${changed.length}, e.g. ${changed[0]?.trim()}`;
  return observe("git-clean", changed.length === 0, "no change that is not committed", observed);
}

async function judgeBranch(git: Git, branch: string): Promise<Observation> {
  // A checkout of CI has no local branch: remote ones that hold the commit count as well.
  const names = lines(await git("branch", "--all", "--contains", "HEAD", "--format=%(refname:lstrip=2)")).map(
    (name) => (name === branch ? name : name.replace(/^origin\//, "")),
  );
  const observed = [...new Set(names)].filter((name) => !name.startsWith("(")).join(", ") || "on no branch";
  return observe("git-branch", names.includes(branch), `commit on ${branch}`, observed);
}

async function judgeTag(git: Git, tag: string): Promise<Observation> {
  const tags = lines(await git("tag", "--points-at", "HEAD"));
  return observe("git-tag", tags.includes(tag), `commit tagged ${tag}`, tags.join(", ") || "no tag");
}

async function judgeAnnotated(git: Git, tag: string, commit: string): Promise<Observation> {
  const reference = `refs/tags/${tag}`;
  const [id, kind, of] = [
    await git("rev-parse", "--verify", "--quiet", reference).catch(() => ""),
    await git("cat-file", "-t", reference).catch(() => "no object"),
    await git("rev-parse", "--verify", "--quiet", `${reference}^{commit}`).catch(() => ""),
  ];
  const [pushed = ""] = (await git("ls-remote", "origin", reference)).split("\t");
  const expected = `annotated tag ${tag} of this commit, and the same at origin`;
  const observed = `${kind === "tag" ? "annotated tag" : kind} of ${of.slice(0, 12) || "nothing"}, at origin ${pushed === "" ? "none" : pushed === id ? "the same" : "another"}`;
  return observe("git-annotated-tag", kind === "tag" && of === commit && pushed === id, expected, observed);
}

async function judgePrevious(git: Git, previous: string, tag: string | undefined): Promise<Observation> {
  const tags = lines(await git("tag", "--merged", "HEAD", "--no-contains", "HEAD"));
  const raised = tag === undefined || !isLower(tag, previous);
  const expected = `the version before tagged ${previous}, before this commit${tag === undefined ? "" : ` and not above ${tag}`}`;
  if (!tags.includes(previous))
    return observe("git-previous-tag", false, expected, tags.join(", ") || "no tag");
  const seen = `${previous} is ${(await git("rev-list", "-1", previous)).slice(0, 12)}`;
  const observed = raised ? seen : `${seen}; ${tag} is a lower version`;
  return observe("git-previous-tag", raised, expected, observed);
}

/** Whether both are versions, such as `v1.3.0`, and the first is below the second. Of words behind the figures nobody knows. */
function isLower(first: string, second: string): boolean {
  const [a, b] = [first, second].map((tag) =>
    /^v?(\d+)\.(\d+)(?:\.(\d+))?(?![\d.])/
      .exec(tag)
      ?.slice(1)
      .map((part = "0") => Number(part)),
  );
  if (a === undefined || b === undefined) return false;
  const at = a.findIndex((part, index) => part !== b[index]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

async function judgePushed(git: Git, branch: string, commit: string): Promise<Observation> {
  const [id = ""] = (
    await git("ls-remote", "origin", branch === "HEAD" ? branch : `refs/heads/${branch}`)
  ).split("\t");
  const expected = `origin has ${commit.slice(0, 12)} as the newest of ${branch}`;
  return observe("git-pushed", id === commit, expected, id === "" ? `no ${branch}` : id.slice(0, 12));
}

const lines = (text: string) => text.split("\n").filter((line) => line !== "");
