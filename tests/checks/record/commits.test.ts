// Commits from a repository made for it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commitsBetween } from "../../../checks/record/commits.ts";

const folder = mkdtempSync(join(tmpdir(), "greenlight-commits-"));
const signal = new AbortController().signal;
const git = (at: string, ...args: string[]) =>
  execFileSync("git", ["-C", folder, "-c", "user.name=Ana", "-c", "user.email=ana@example.com", ...args], {
    encoding: "utf8",
    env: { ...process.env, GIT_COMMITTER_DATE: at, GIT_AUTHOR_DATE: at },
  }).trim();
const ids: string[] = [];

beforeAll(() => {
  git("", "init", "--quiet");
  for (const hour of ["09", "10", "11"]) {
    const at = `2026-05-04T${hour}:00:00+02:00`;
    git(at, "commit", "--quiet", "--allow-empty", "--message", `at ${hour}`);
    ids.push(git(at, "rev-parse", "HEAD"));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("commits of a release", () => {
  it("are those after the last release up to this one, newest first, with their times in UTC", async () => {
    const [first = "", second = "", third = ""] = ids;
    expect(await commitsBetween(folder, first, third, signal)).toEqual([
      { id: third, committedAt: "2026-05-04T09:00:00.000Z" },
      { id: second, committedAt: "2026-05-04T08:00:00.000Z" },
    ]);
    expect(await commitsBetween(folder, third, third, signal)).toEqual([]);
  });

  it("are only the released one where the last release is not known here", async () => {
    const only = [{ id: ids[2], committedAt: "2026-05-04T09:00:00.000Z" }];
    expect(await commitsBetween(folder, undefined, ids[2] ?? "", signal)).toEqual(only);
    expect(await commitsBetween(folder, "0".repeat(40), ids[2] ?? "", signal)).toEqual(only);
  });

  it("are not known without a repository, for an unknown revision and for what is no revision", async () => {
    expect(await commitsBetween(tmpdir(), undefined, ids[0] ?? "", signal)).toEqual([]);
    expect(await commitsBetween(folder, undefined, "f".repeat(40), signal)).toEqual([]);
    expect(await commitsBetween(folder, undefined, "--output=x", signal)).toEqual([]);
  });
});
