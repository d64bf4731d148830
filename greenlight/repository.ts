// A repository of demonstration, so that what an example asks of git is looked at on any machine, also in a folder that was
// unpacked from an archive: a commit of exactly the files that are released, on the wanted branch, with the wanted tags,
// pushed to an origin beside it. Its version before is made up: it lacks the last of the contents.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { projectRoot } from "../local/services/layout.ts";
import { findOnPath } from "../local/services/tool.ts";
import { type StackFile, sectionOf } from "./stack-file.ts";

const build = z.object({
  contents: z.array(z.string()).min(2),
  git: z.object({
    repository: z.string(),
    branch: z.string(),
    tag: z.string(),
    previousTag: z.string(),
  }),
});

const AUTHOR = ["-c", "user.name=Demonstration", "-c", "user.email=demonstration@example.com"];

/** Commits the stack's contents, if its `greenlight:build.git.repository` lies in `GREENLIGHT_REPOSITORIES_DIR`. */
export async function makeRepository(stack: StackFile): Promise<void> {
  const home = stack.environment.GREENLIGHT_REPOSITORIES_DIR;
  const read = home === undefined ? undefined : sectionOf(stack, "build", build);
  if (!read?.git.repository.startsWith(`${home}/`)) return;
  const { repository, branch, tag, previousTag } = read.git;
  // Without git the check says so.
  if ((await findOnPath("git")) === undefined) return;
  const paths = read.contents.map((path) => relative(projectRoot, resolve(stack.directory, path)));
  const git = async (...args: string[]) => {
    const given = [...AUTHOR, `--git-dir=${repository}`, `--work-tree=${projectRoot}`, ...args];
    return (await promisify(execFile)("git", given, { cwd: projectRoot })).stdout.trim();
  };
  if (!existsSync(join(repository, "HEAD"))) await initialise(git, repository, projectRoot);
  if (!(await hasCommit(git))) {
    await git("add", "--force", "--", ...paths.slice(0, -1));
    await git("commit", "--quiet", "--message", previousTag);
    await git("tag", previousTag);
  }
  // Never a checkout: its work tree is the project's folder, in which nothing may change.
  await git("update-ref", `refs/heads/${branch}`, "HEAD");
  await git("symbolic-ref", "HEAD", `refs/heads/${branch}`);
  await git("add", "--force", "--all", "--", ...paths);
  if ((await git("status", "--porcelain", "--untracked-files=no")) !== "")
    await git("commit", "--quiet", "--message", tag);
  await git("tag", "--force", "--annotate", "--message", tag, tag);
  await git("push", "--quiet", "--force", "--tags", "origin", branch);
}

type Git = (...args: string[]) => Promise<string>;

async function initialise(git: Git, repository: string, workTree: string): Promise<void> {
  const origin = `${repository}-origin`;
  await mkdir(origin, { recursive: true });
  await promisify(execFile)("git", ["init", "--quiet", "--bare", origin]);
  await mkdir(repository, { recursive: true });
  await git("init", "--quiet");
  await git("config", "core.worktree", workTree);
  // No file of this machine's own settings may change what is committed or push anywhere else.
  await git("config", "core.autocrlf", "false");
  await git("config", "core.hooksPath", "/dev/null");
  await git("config", "commit.gpgSign", "false");
  await git("config", "tag.gpgSign", "false");
  await git("remote", "add", "origin", origin);
}

async function hasCommit(git: Git): Promise<boolean> {
  return (await git("rev-list", "--all", "--max-count=1").catch(() => "")) !== "";
}
