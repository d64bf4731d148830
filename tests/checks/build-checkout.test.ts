// What a build says of the checkout of git that it was made from.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { judgeHistory } from "../../checks/build/history.ts";
import { step } from "../../checks/build.ts";
import { folderOf } from "../support/folder.ts";
import { answer, withServer } from "./support/http-server.ts";
import { runStep } from "./support/run-step.ts";

const token = ["ghp", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].join("_");

/** A file in its first commit. */
function checkout() {
  const directory = folderOf({ "a.ts": "1" });
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", directory, "-c", "user.name=t", "-c", "user.email=t@example.com", ...args]);
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-qm", "first");
  return { directory, git };
}

describe("the checkout", () => {
  it("is clean, on its branch and tagged, or not", async () => {
    const { directory, git } = checkout();
    git("tag", "v1");
    const seen = async () => {
      const given = { contents: [join(directory, "a.ts")], directory, git: { branch: "main", tag: "v1" } };
      return (await runStep(step, given)).observations.map(({ id, result }) => `${id} ${result}`);
    };
    expect(await seen()).toEqual(["git-clean passed", "git-branch passed", "git-tag passed"]);
    git("config", "status.showUntrackedFiles", "no");
    mkdirSync(join(directory, "new"));
    writeFileSync(join(directory, "new/b.ts"), "2");
    const { seen: found } = await runStep(step, {
      contents: [join(directory, "new")],
      directory,
      git: { clean: true },
    });
    expect(found("git-clean")).toMatchObject({ result: "failed", observed: "1, e.g. ?? new/" });
    git("checkout", "-qb", "other");
    git("commit", "-q", "--allow-empty", "-m", "second");
    writeFileSync(join(directory, "a.ts"), "2");
    expect(await seen()).toEqual(["git-clean failed", "git-branch failed", "git-tag failed"]);
    rmSync(join(directory, ".git"), { recursive: true });
    expect(await seen()).toEqual([
      "git-clean inconclusive",
      "git-branch inconclusive",
      "git-tag inconclusive",
    ]);
    const { seen: said } = await runStep(step, { contents: [directory], directory, git: {} });
    expect(said("git-clean").observed).toMatch(/^fatal: not a git repository/);
  });

  it("comes after the version before, is at the origin, and no version of a file ever held a secret", async () => {
    const directory = folderOf({ "a.ts": "1" });
    const origin = folderOf({});
    const repository = join(folderOf({}), "repository");
    const git = (...args: string[]) =>
      execFileSync("git", [
        ...["-c", "user.name=t", "-c", "user.email=t@example.com"],
        ...[`--git-dir=${repository}`, `--work-tree=${directory}`, ...args],
      ]);
    execFileSync("git", ["init", "-q", "--bare", origin]);
    git("init", "-q", "-b", "main");
    git("config", "core.worktree", directory);
    git("remote", "add", "origin", origin);
    const commit = (text: string) => {
      writeFileSync(join(directory, "a.ts"), text);
      git("-C", directory, "add", "a.ts");
      git("commit", "-qm", "next");
    };
    const wanted = { branch: "main", previousTag: "v1", pushed: true, history: true, repository };
    const seen = async () => {
      const given = { contents: [join(directory, "a.ts")], directory, git: wanted };
      const { observations } = await runStep(step, given);
      return observations
        .filter(({ result }) => result !== "passed")
        .map(({ id, result }) => `${id} ${result}`);
    };
    commit("first");
    git("tag", "v1");
    expect(await seen()).toEqual(["git-previous-tag failed", "git-pushed failed"]);
    commit("second");
    git("push", "-q", "origin", "main");
    expect(await seen()).toEqual([]);
    commit(`const token = "${token}";`);
    commit("fourth");
    expect(await seen()).toEqual(["git-pushed failed", "git-history failed"]);
    // The newest commit alone holds none.
    const shallow = join(folderOf({}), "clone");
    execFileSync("git", ["clone", "-q", "--depth", "1", `file://${repository}`, shallow]);
    const ran = await runStep(step, {
      contents: [shallow],
      directory: shallow,
      git: { clean: false, history: true },
    });
    expect(ran.seen("git-history")).toMatchObject({
      result: "inconclusive",
      observed: "a shallow checkout of 1 commits; get the others: git fetch --unshallow",
    });
  });

  it.each([
    ["v1.10.0", "v1.9.1", "passed"],
    ["v4.0.0-phase4", "v3.2.0-phase3", "passed"],
    ["release-b", "release-a", "passed"],
    ["v1.2.9", "v1.3.0", "failed"],
    ["1.3.0", "v1.10", "failed"],
  ])("at %s has after %s a version that was raised, or not: %s", async (tag, previousTag, result) => {
    const { directory, git } = checkout();
    git("tag", previousTag);
    git("commit", "-q", "--allow-empty", "-m", "second");
    git("tag", tag);
    const { seen } = await runStep(step, {
      contents: [directory],
      directory,
      git: { clean: false, tag, previousTag },
    });
    expect(seen("git-tag").result).toBe("passed");
    expect(seen("git-previous-tag").result).toBe(result);
  });

  it("asks nobody at the terminal for what lets one in to its origin", async () => {
    const { directory, git } = checkout();
    await withServer(
      (_request, response) => answer(response, 401, {}, { "www-authenticate": "Basic realm=origin" }),
      async (url) => {
        git("remote", "add", "origin", `${url}/orders.git`);
        const given = {
          contents: [directory],
          directory,
          git: { clean: false, branch: "main", pushed: true },
        };
        const { observed } = (await runStep(step, given)).seen("git-pushed");
        expect(observed).toMatch(/^fatal: could not read Username .*terminal prompts disabled$/);
      },
    );
  });

  it("has none of the vault's values in any version of a file, whatever its size and kind", async () => {
    const { directory, git } = checkout();
    const values = { JWT_SECRET: "a-value-of-the-vault-1234", OTHER: "another-value-of-the-vault" };
    const look = () => judgeHistory(["-C", directory], { accepted: [], values }, AbortSignal.timeout(20_000));
    expect((await look()).result).toBe("passed");
    writeFileSync(join(directory, "app.js"), `${" ".repeat(3 * 1024 * 1024)}"${values.JWT_SECRET}"`);
    writeFileSync(join(directory, "dump.bin"), Buffer.from(`\0\0${values.OTHER}\0`));
    git("add", ".");
    git("commit", "-qm", "second");
    git("rm", "-q", "app.js", "dump.bin");
    git("commit", "-qm", "third");
    expect(await look()).toMatchObject({
      result: "failed",
      observed: expect.stringMatching(
        /JWT_SECRET in app\.js.*OTHER in dump\.bin|OTHER in dump\.bin.*JWT_SECRET in app\.js/,
      ),
    });
  });

  it("is not judged by half of its history, and the deadline ends the look and not the process", async () => {
    const { directory } = checkout();
    const look = (signal: AbortSignal) =>
      judgeHistory(["-C", directory], { accepted: [], values: {} }, signal);
    const path = process.env.PATH;
    const catFile = (commands: string) => {
      const program = `#!/bin/sh\ncase "$*" in *cat-file*) ${commands};; *) PATH='${path}' exec git "$@";; esac\n`;
      const folder = folderOf({ git: program });
      chmodSync(join(folder, "git"), 0o755);
      process.env.PATH = `${folder}:${path}`;
    };
    onTestFinished(() => {
      process.env.PATH = path;
    });
    catFile("printf 'abc blob 2\\nhi\\n'; exit 128");
    await expect(look(AbortSignal.timeout(20_000))).rejects.toThrow("git cat-file: exit 128");
    const started = join(folderOf({}), "started");
    catFile(`touch ${started}; exec sleep 60`);
    const deadline = new AbortController();
    const looking = look(deadline.signal);
    await vi.waitUntil(() => existsSync(started), 20_000);
    deadline.abort();
    await expect(looking).rejects.toThrow("aborted");
  });

  it("has an annotated tag that origin has, too, and no tag of another kind or moved since", async () => {
    const { directory, git } = checkout();
    const origin = folderOf({});
    execFileSync("git", ["init", "-q", "--bare", origin]);
    git("remote", "add", "origin", origin);
    const seen = async () => {
      const given = { clean: false, tag: "v1", annotated: true };
      const ran = await runStep(step, { contents: [join(directory, "a.ts")], directory, git: given });
      const { result, observed } = ran.seen("git-annotated-tag");
      return `${result}: ${observed.replace(/[0-9a-f]{12}/, "commit")}`;
    };
    git("tag", "v1");
    git("push", "-q", "origin", "v1");
    expect(await seen()).toBe("failed: commit of commit, at origin the same");
    git("tag", "--force", "-am", "first", "v1");
    expect(await seen()).toBe("failed: annotated tag of commit, at origin another");
    git("push", "-q", "--force", "origin", "v1");
    expect(await seen()).toBe("passed: annotated tag of commit, at origin the same");
    git("commit", "-q", "--allow-empty", "-m", "second");
    expect(await seen()).toMatch(/^failed/);
  });
});
