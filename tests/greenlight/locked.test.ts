// Who is at it is said, and what is in the way of a second rollback or update: without an engine.
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ConcurrentUpdateError } from "@pulumi/pulumi/automation/index.js";
import { afterAll, describe, expect, it, vi } from "vitest";
import { freeAbandoned, refuseLocked } from "../../greenlight/locked.ts";
import { whileHolding } from "../../greenlight/rollback/lock.ts";

const folder = mkdtempSync(join(tmpdir(), "greenlight-locked-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A process that has ended. */
const gone = Number(execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }));

describe("a rollback's own lock", () => {
  const file = join(folder, "lock.json");

  it("refuses a second rollback, saying who is at it, and lets the next one in afterwards", async () => {
    await whileHolding(file, "production", async () => {
      await expect(whileHolding(file, "production", async () => "second")).rejects.toThrow(
        new RegExp(
          `rollback of stack "production": under way by ${userInfo().username}@${hostname()} \\(pid ${process.pid}\\) since .*Nothing was touched`,
        ),
      );
    });
    expect(await whileHolding(file, "production", async () => "next")).toBe("next");
  });

  it("lets exactly one of many in that come at once", async () => {
    let inside = 0;
    let most = 0;
    const one = () =>
      whileHolding(file, "production", async () => {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside--;
      });
    const all = await Promise.allSettled(Array.from({ length: 8 }, one));
    expect(most).toBe(1);
    expect(all.some(({ status }) => status === "fulfilled")).toBe(true);
  });

  it("is taken over from a process that was killed", async () => {
    const left = { pid: gone, user: "ana", host: hostname(), since: "2026-05-04T10:00:00.000Z" };
    writeFileSync(file, JSON.stringify(left));
    const seen = await whileHolding(file, "production", async () => JSON.parse(readFileSync(file, "utf8")));
    expect(seen.pid).toBe(process.pid);
  });

  it("is taken over by one alone where several find it abandoned", async () => {
    const many = 12;
    const left = { pid: gone, user: "ana", host: hostname(), since: "2026-05-04T10:00:00.000Z" };
    for (let nth = 0; nth < many; nth++)
      writeFileSync(join(folder, `lock-${nth}.json`), JSON.stringify(left));
    const script = join(import.meta.dirname, "../support/take-abandoned.ts");
    const args = [script, "rollback", folder, String(many), String(Date.now() + 1500)];
    const takers = Array.from({ length: 4 }, () => promisify(execFile)(process.execPath, args));

    const told = (await Promise.all(takers)).map(({ stdout }) => stdout).join("");

    expect(told).toBe("");
  });

  it("is let go of when the rollback fails", async () => {
    const failing = whileHolding(file, "production", () => Promise.reject(new Error("no way back")));
    await expect(failing).rejects.toThrow("no way back");
    expect(await whileHolding(file, "production", async () => "next")).toBe("next");
  });
});

describe("the stack's lock", () => {
  /** As the Automation API makes it of the CLI's words, which it gives twice; its constructor is the SDK's own. */
  const locked = (holder: string): Error => {
    const said = `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.\n  file:///state/lock.json: created by ${holder} at 2026-05-04T10:00:00Z`;
    return Object.assign(Object.create(ConcurrentUpdateError.prototype), {
      message: `code: -2\n stdout: \n stderr: Command failed with exit code 255: pulumi up\n${said}\n err?: Error: Command failed with exit code 255: pulumi up\n${said}\n`,
    });
  };
  const own = (pid: number) => `${userInfo().username}@${hostname()} (pid ${pid})`;
  const stack = () => ({ cancel: vi.fn(async () => {}) });

  it("is named with its holder; other errors are left to others", () => {
    expect(() => refuseLocked(locked("ana@laptop (pid 812)"), "production")).toThrow(
      /^stack "production": the stack is currently locked by 1 lock[^/]*file:\/\/\/state\/lock\.json: created by ana@laptop \(pid 812\) at \S+Z; nothing was touched/,
    );
    expect(refuseLocked(new Error("another"), "production")).toBeUndefined();
  });

  it.each([
    ["of a process that was killed here", own(gone), true],
    ["of a process that runs", own(process.pid), false],
    ["of another machine", `${userInfo().username}@elsewhere (pid ${gone})`, false],
    ["of another person", `somebody-else@${hostname()} (pid ${gone})`, false],
  ])("%s is taken away: %#", async (_what, holder, freed) => {
    const held = stack();
    expect(await freeAbandoned(held, locked(holder))).toBe(freed);
    expect(held.cancel).toHaveBeenCalledTimes(freed ? 1 : 0);
  });
});
