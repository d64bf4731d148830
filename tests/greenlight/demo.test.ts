// `npm run demo` as a command: what it refuses, and that it leaves nothing running when somebody ends it.
import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedServices } from "../support/services.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);
const PARTS = ["agent", "checks", "deployment", "examples", "greenlight", "infra", "local", "report"];

/** A clone of its own, since the demo's services are those of its clone. */
let clone: string;

beforeAll(async () => {
  // With these the Python packages are installed, which clones may share.
  await sharedServices();
  clone = await mkdtemp(join(tmpdir(), "greenlight-demo-"));
  for (const part of [...PARTS, "index.ts", "package.json"])
    await cp(join(root, part), join(clone, part), { recursive: true });
  await symlink(join(root, "node_modules"), join(clone, "node_modules"));
  await mkdir(join(clone, ".greenlight"));
  await symlink(join(root, ".greenlight/venv"), join(clone, ".greenlight/venv"));
});

afterAll(async () => {
  await run(process.execPath, ["greenlight/main.ts", "local", "reset"], { cwd: clone });
  await rm(clone, { recursive: true, force: true });
});

/** Starts it in a group of its own, as a terminal does, and ends the group by `signal` once it has said `after`. */
async function ended(signal: NodeJS.Signals, after: string): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ["greenlight/demo.ts", "queue-worker"], {
    cwd: clone,
    detached: true,
  });
  let said = "";
  const signalled = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        said += chunk;
        if (said.includes(after)) resolve();
      });
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  await Promise.race([signalled, closed]);
  // In the middle of a preview.
  await delay(1_000);
  if (child.pid !== undefined) process.kill(-child.pid, signal);
  return { code: await closed, said };
}

describe("the demo", () => {
  it("tells its usage to who asks for help", async () => {
    const { stdout } = await run(process.execPath, [join(root, "greenlight/demo.ts"), "--help"]);
    expect(stdout).toMatch(/^usage: npm run demo/);
  });

  it("names what it does not know, with its usage", async () => {
    const call = run(process.execPath, [join(root, "greenlight/demo.ts"), "nothing"]);
    await expect(call).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^error: no example "nothing"; there are hv-consultores, .*\n\nusage: npm run/,
      ),
    });
  });

  it("stops its services when it is ended by Ctrl-C", async () => {
    const { code, said } = await ended("SIGINT", "services ready");
    expect(code, said).toBe(1);
    expect(said).not.toContain("usage:");
    const status = ["greenlight/main.ts", "local", "status", "--json"];
    // What is stopped is also told by its exit code.
    const { stdout }: { stdout: string } = await run(process.execPath, status, { cwd: clone }).catch(
      (error) => error,
    );
    const states = (JSON.parse(stdout) as { state: string }[]).map(({ state }) => state);
    expect(states.length).toBeGreaterThan(4);
    expect(new Set(states)).toEqual(new Set(["stopped"]));
  });
});
