// The release check with a real process that is replaced by a real command.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { measureDowntime } from "../../checks/release/probe.ts";
import { judgeDowntime } from "../../checks/release/run.ts";
import { step } from "../../checks/release.ts";
import { answer, withServer } from "./support/http-server.ts";
import { inputFaults, runStep } from "./support/run-step.ts";

let folder = "";
let port = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "greenlight-release-"));
  port = await freePort();
});
afterEach(async () => {
  await runScript(STOP);
  await rm(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

// A server process of the given version that leaves its id in a file; stopped by that file.
const SERVE = `
  const [port, version, instance, folder, downMilliseconds] = process.argv.slice(2);
  const server = require("node:http").createServer((q, s) => s.end(JSON.stringify({ version, instance: instance + (Number(instance) > 9 ? Math.floor(Math.random() * 2) : "") })));
  setTimeout(() => server.listen(Number(port), "127.0.0.1", () => require("node:fs").writeFileSync(folder + "/pid", String(process.pid))), Number(downMilliseconds));`;
const STOP = `
  const fs = require("node:fs"); const file = process.argv[2] + "/pid";
  if (fs.existsSync(file)) { process.kill(Number(fs.readFileSync(file, "utf8")), "SIGKILL"); fs.rmSync(file); }`;
const START = `
  const [folder, port, version, instance, downMilliseconds] = process.argv.slice(2);
  require("node:child_process").spawn(process.execPath, [folder + "/serve.cjs", port, version, instance, folder, downMilliseconds], { detached: true, stdio: "inherit" }).unref();
  console.log("started " + version, process.env.TOKEN ?? "");`;

async function runScript(source: string, ...given: string[]): Promise<void> {
  await writeFile(join(folder, "script.cjs"), source);
  const child = spawn(process.execPath, [join(folder, "script.cjs"), folder, ...given], { stdio: "ignore" });
  await once(child, "exit");
}

/** A command that stops the running version, if any, and starts another one as a daemon that takes its time to listen. */
async function release(version: string, answered = version, instance = "1", downMilliseconds = 0) {
  await writeFile(join(folder, "serve.cjs"), SERVE);
  await writeFile(join(folder, "release.cjs"), `${STOP}\n{${START}}`);
  return {
    version,
    command: [
      process.execPath,
      join(folder, "release.cjs"),
      folder,
      String(port),
      answered,
      instance,
      String(downMilliseconds),
    ],
    versionUrl: `http://127.0.0.1:${port}/version`,
    withinSeconds: 60,
    settleSeconds: 0.2,
  };
}

describe("release", () => {
  it("proves a first version and then its successor, and measures the gap between them", async () => {
    const first = await runStep(step, await release("1.0.0"));
    expect(first.seen("version")).toMatchObject({ result: "passed" });
    expect(first.seen("downtime")).toMatchObject({ result: "notApplicable" });
    expect(first.facts).toMatchObject({ previousVersion: null, version: "1.0.0" });
    const second = await runStep(step, {
      // Down for longer than two requests of the probe are apart, however fast the machine is.
      ...(await release("1.1.0", "1.1.0", "1", 1000)),
      maximumDowntimeSeconds: 60,
      zeroDowntime: true,
    });
    expect(second.seen("version").result).toBe("passed");
    expect(second.seen("downtime").result).toBe("passed");
    expect(second.seen("zero-downtime")).toMatchObject({ result: "failed" });
    // The first lost request may be one that was under way when the old version ended.
    expect(second.seen("zero-downtime").observed).toMatch(/ECONNREFUSED|ECONNRESET|socket hang up/);
    expect(second.facts).toMatchObject({ previousVersion: "1.0.0" });
    expect(Number(second.facts.errors)).toBeGreaterThan(0);
  });

  it("asserts zero downtime where nothing was lost", async () => {
    await runStep(step, await release("1.0.0"));
    const same = { ...(await release("1.0.0")), command: [process.execPath, "-e", "0"], zeroDowntime: true };
    const { seen } = await runStep(step, same);
    expect(seen("zero-downtime").result).toBe("passed");
  });

  it("fails when the command fails, with its last words, and does not judge the version", async () => {
    const failing = "console.error('disk is full'); process.exit(3)";
    const { seen } = await runStep(step, {
      ...(await release("1.0.0")),
      command: [process.execPath, "-e", failing],
    });
    expect(seen("command")).toMatchObject({ result: "failed" });
    expect(seen("command").observed).toMatch(/^exit 3 after .*; it said: disk is full$/);
    expect(seen("version").result).toBe("inconclusive");
  });

  it("fails when another version answers", async () => {
    const { seen } = await runStep(step, { ...(await release("2.0.0", "1.9.9")), withinSeconds: 4 });
    expect(seen("version")).toMatchObject({ result: "failed" });
    expect(seen("version").observed).toContain("also seen: version 1.9.9");
  });

  it("fails when fewer instances answer than wanted, and passes when all do", async () => {
    const one = { ...(await release("2.0.0")), instances: 2, withinSeconds: 4 };
    const { seen } = await runStep(step, one);
    expect(seen("version").observed).toMatch(/^version 2.0.0 on 1 of 2 /);
    expect(seen("version").result).toBe("failed");
    const two = { ...(await release("2.0.1", "2.0.1", "10")), instances: 2 };
    expect((await runStep(step, two)).seen("version").result).toBe("passed");
  });

  it("ends the command at the deadline and throws", async () => {
    const hanging = {
      ...(await release("1.0.0")),
      command: [process.execPath, "-e", "setInterval(() => {}, 1000)"],
    };
    await expect(runStep(step, hanging, { signal: AbortSignal.timeout(800) })).rejects.toThrow(/timeout/);
  });

  it("leaves nothing of the command behind at the deadline, not even what takes no notice of a SIGTERM", async () => {
    const stubborn = `process.on("SIGTERM", () => {}); require("node:fs").writeFileSync("${folder}/stubborn", String(process.pid)); setInterval(() => {}, 1000)`;
    const starting = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(stubborn)}], { stdio: "ignore" })`;
    const hanging = { ...(await release("1.0.0")), command: [process.execPath, "-e", starting] };
    await expect(runStep(step, hanging, { signal: AbortSignal.timeout(2_000) })).rejects.toThrow(/timeout/);
    const pid = Number(await readFile(join(folder, "stubborn"), "utf8"));
    // A process that was killed is there until it is reaped.
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), 2_000);
  });

  it("stops the application when the step is deleted", async () => {
    const { facts } = await runStep(step, {
      ...(await release("1.0.0")),
      stopCommand: [process.execPath, "-e", STOP.replaceAll("[2]", "[1]"), folder],
    });
    const context = { name: "t", log: () => {}, signal: AbortSignal.timeout(10_000), previous: undefined };
    await step.remove?.(facts, context);
    await expect(fetch(`http://127.0.0.1:${port}/version`)).rejects.toThrow();
  });

  it("says in a preview what runs now and what will", async () => {
    const context = { name: "t", log: () => {}, signal: AbortSignal.timeout(10_000), previous: undefined };
    const given = step.inputs().parse(await release("1.0.0"));
    expect(await step.plan?.(given, context)).toEqual([
      expect.stringMatching(/^release 1.0.0; now: no version \(/),
    ]);
  });

  it("names the variables whose values may not be shown", async () => {
    const given = step
      .inputs()
      .parse({ ...(await release("1")), secretEnvironment: { TOKEN: "very-secret" } });
    expect(step.secrets(given)).toEqual(["very-secret"]);
  });

  it("judges the downtime of a release before that answered people and told no version", async () => {
    let releasedAt: number | undefined;
    await withServer(
      ({ url }, response) => {
        if (url === "/release") releasedAt = Date.now();
        const isAway = releasedAt !== undefined && Date.now() - releasedAt < 500;
        if (url === "/version") answer(response, releasedAt === undefined ? 404 : 200, { version: "1.0.0" });
        else answer(response, isAway ? 503 : 200, {});
      },
      async (url) => {
        const { seen } = await runStep(step, {
          version: "1.0.0",
          command: [process.execPath, "-e", `fetch("${url}/release").then(() => setTimeout(() => {}, 700))`],
          versionUrl: `${url}/version`,
          probeUrl: `${url}/`,
          settleSeconds: 0.2,
          zeroDowntime: true,
        });
        expect(seen("version").result).toBe("passed");
        expect(seen("zero-downtime")).toMatchObject({ result: "failed" });
        expect(seen("zero-downtime").observed).toContain("first: status 503");
      },
    );
  });

  it("adds up the times from a first failed request to the next answered one", () => {
    const samples = [
      { at: 0 },
      { at: 0.1, fault: "x" },
      { at: 0.2, fault: "y" },
      { at: 0.3 },
      { at: 0.4, fault: "z" },
      { at: 0.5 },
    ];
    expect(measureDowntime(samples)).toEqual({
      requests: 6,
      errors: 3,
      downtimeSeconds: 0.3,
      downAtEnd: false,
      firstFault: "x",
    });
    expect(measureDowntime(samples.slice(0, -1))).toMatchObject({ downtimeSeconds: 0.2, downAtEnd: true });
  });

  it("judges downtime on both sides of its bound", () => {
    const seen = { requests: 10, errors: 1, downtimeSeconds: 2, downAtEnd: false };
    const judged = (maximumDowntimeSeconds: number) =>
      judgeDowntime({ zeroDowntime: false, maximumDowntimeSeconds }, seen, true)[0]?.result;
    expect([judged(2), judged(1.999)]).toEqual(["passed", "failed"]);
    // Where nothing answered before, coming up in time is shown, and being late harms nobody.
    const first = (maximumDowntimeSeconds: number) =>
      judgeDowntime({ zeroDowntime: true, maximumDowntimeSeconds }, seen, false).map(({ result }) => result);
    expect(first(2)).toEqual(["passed", "notApplicable"]);
    expect(first(1.999)).toEqual(["notApplicable", "notApplicable"]);
  });

  it("fails the downtime where what is asked never answers again, however short the release was", async () => {
    await runStep(step, await release("1.0.0"));
    const { seen } = await runStep(step, {
      ...(await release("1.1.0")),
      probeUrl: `http://127.0.0.1:${await freePort()}/`,
      maximumDowntimeSeconds: 60,
    });
    expect(seen("version").result).toBe("passed");
    expect(seen("downtime")).toMatchObject({ result: "failed" });
    expect(seen("downtime").observed).toContain("requests without an answer, down at the end; first: ");
  });

  it.each([
    [{ instances: 1 }, { instances: 0 }],
    [{ instances: 100 }, { instances: 101 }],
    [{ withinSeconds: 3600 }, { withinSeconds: 3601 }],
    [{ maximumDowntimeSeconds: 0 }, { maximumDowntimeSeconds: -1 }],
    [{ settleSeconds: 600 }, { settleSeconds: 601 }],
  ])("accepts %o and refuses %o", async (good, bad) => {
    const base = await release("1");
    expect(inputFaults(step, { ...base, ...good })).toEqual([]);
    expect(inputFaults(step, { ...base, ...bad })).toHaveLength(1);
  });
});
