// A rollback that is interrupted at every one of its steps: the engine and its processes are killed by SIGKILL right before the step
// does its work; then the step loses its database, then S3, then finds a full disk; then does its work without anybody saving
// that it did. After each of that the command is run again, and in the end everything is as the record says.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordDocument } from "../../../checks/record/document.ts";
import { execute } from "../../../checks/step/host.ts";
import { projectRoot } from "../../../local/services/layout.ts";
import { proxyBefore } from "../../checks/support/proxy.ts";
import { noSmallDisk, type SmallDisk, startCommand } from "../support/command.ts";
import { appearance } from "../support/interruption.ts";
import { FIRST, type SmallRelease, SmallSystem } from "../support/small-system.ts";

const MINUTES = 60_000;
const scratch = mkdtempSync(join(tmpdir(), "greenlight-interrupted-"));
const order = join(scratch, "order.json");
const inputs = join(scratch, "inputs.json");
/** The steps of a rollback of the small system, in their order. */
const STEPS = ["quiesce", "release", "site", "reversal", "migration", "resume", "observation", "record"];

const one: SmallRelease = {
  version: "1.0.0",
  migrations: FIRST,
  site: { "index.html": "<p>one</p>", "about.html": "<p>about</p>" },
  setting: "one",
};
const two: SmallRelease = {
  version: "2.0.0",
  migrations: {
    ...FIRST,
    "0002_items.sql": "create table items (id int); insert into items values (1), (2)",
    "0002_items.down.sql": "drop table items",
    "0003_paid.sql": "alter table orders add column paid boolean not null default false",
    "0003_paid.down.sql": "alter table orders drop column paid",
  },
  site: { "index.html": "<p>two</p>", "new.html": "<p>new</p>" },
  setting: "two",
};

let system: SmallSystem;
let before: Awaited<ReturnType<SmallSystem["world"]>>;

beforeAll(async () => {
  system = await SmallSystem.make("interrupted");
  system.write(one);
  expect((await system.up()).errors).toEqual([]);
  before = await system.world();
  system.write(two);
  expect((await system.up()).errors).toEqual([]);
}, 10 * MINUTES);

afterAll(async () => {
  rmSync(scratch, { recursive: true });
  await system.destroy();
}, 5 * MINUTES);

/** What lets the engine's processes be interrupted. */
const hooked = () => ({
  GREENLIGHT_TEST_INTERRUPTION: order,
  NODE_OPTIONS: `--import=${new URL("../support/interruption.ts", import.meta.url)}`,
});

/** The command again, killed before a step. */
function rollBack(at: string) {
  rmSync(inputs, { force: true });
  writeFileSync(order, JSON.stringify({ at, inputs }));
  return system.rollBack({ environment: { ...system.environment, ...hooked() } });
}

/** A command as a process of its own. */
function start(name: "rollback" | "up", disk?: SmallDisk) {
  const target = ["--stack", "local", "--cwd", system.folder, "--yes", "--engine", "embedded"];
  return startCommand([name, ...target], hooked(), disk);
}

/** The copies of the records, oldest first. */
function records() {
  const folder = join(system.folder, "..", "copies", system.name, "local");
  return readdirSync(folder)
    .sort()
    .map((name) => recordDocument().parse(JSON.parse(readFileSync(join(folder, name), "utf8"))));
}

/** The step's work here, as the killed update would have done it. */
function work(change: { [input: string]: unknown } = {}) {
  return execute({ ...JSON.parse(readFileSync(inputs, "utf8")), ...change }, undefined, undefined);
}

/** Whatever the step says of its trouble, it must end. */
async function workInTrouble(change: { [input: string]: unknown } = {}): Promise<string> {
  return work(change).then(
    ({ outs }) => outs.result,
    (error: Error) => error.message,
  );
}

async function withoutDatabase(): Promise<string> {
  const { databaseUrl, database } = JSON.parse(readFileSync(inputs, "utf8"));
  const url: unknown = databaseUrl ?? database?.url;
  if (typeof url !== "string") return "uses no database";
  const proxy = await proxyBefore(url);
  // In the middle of the work: after its first questions were answered.
  const watching = setInterval(() => proxy.counter.turns >= 5 && proxy.cut(), 1);
  try {
    return await workInTrouble(
      databaseUrl === undefined ? { database: { ...database, url: proxy.url } } : { databaseUrl: proxy.url },
    );
  } finally {
    clearInterval(watching);
  }
}

async function withoutS3(): Promise<string> {
  const { AWS_ENDPOINT_URL: there } = process.env;
  process.env.AWS_ENDPOINT_URL = "http://127.0.0.1:1";
  try {
    return await workInTrouble();
  } finally {
    process.env.AWS_ENDPOINT_URL = there;
  }
}

/** Every write of this process is refused as a full disk refuses it. */
async function withFullDisk<T>(use: () => Promise<T>): Promise<T> {
  const { writeFile } = fs;
  const full = async () => {
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  };
  fs.writeFile = full as typeof fs.writeFile;
  syncBuiltinESMExports();
  try {
    return await use();
  } finally {
    fs.writeFile = writeFile;
    syncBuiltinESMExports();
  }
}

const unable = noSmallDisk();
const onSmallDisk = (what: string) =>
  unable === undefined ? what : `${what} (skipped: no disk can be made full here, ${unable})`;

describe("a rollback", { timeout: 10 * MINUTES }, () => {
  it.skipIf(unable !== undefined)(
    onSmallDisk("does not begin on a full disk, and touches nothing"),
    async () => {
      const folder = join(projectRoot, ".greenlight", "rollback", system.name, "local");
      mkdirSync(folder, { recursive: true });
      const { code, text } = await start("rollback", { folder, bytes: 8192 }).ended;
      expect(text).toContain("ENOSPC: no space left on device");
      expect(code).toBe(1);
      expect(records().length).toBe(2);
      expect((await system.world()).application.version).toBe("2.0.0");
    },
  );

  it.each(
    STEPS,
  )("can be killed before %s, and that step loses its database, S3 and the disk's space", async (step) => {
    const killed = await rollBack(step);
    expect(killed?.errors.length).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(inputs, "utf8")).name).toBe(step);
    // Whoever reads the records sees where it ended, and what it was to undo.
    expect(records().at(-1)).toMatchObject({
      result: "failed",
      failure: { step },
      rollback: { to: killed?.wayBack?.target?.key, undoes: expect.stringMatching(/^records\//) },
    });
    const troubles = [await withoutDatabase(), await withoutS3(), await withFullDisk(() => workInTrouble())];
    expect(troubles.every((told) => told.length > 0)).toBe(true);
    if (step === "reversal") expect(troubles[0]).not.toBe("passed");
    if (step === "site" || step === "record") expect(troubles[1]).not.toBe("passed");
    if (step === "record") expect(troubles[2]).toContain("ENOSPC");
    // Done, and killed before anybody could save it; a record would be one more of its chain.
    if (step !== "record") expect((await work()).outs.result).toMatch(/passed|notApplicable/);
  });

  it.skipIf(unable !== undefined)(
    onSmallDisk("says that its record has no space, and stays unfinished"),
    async () => {
      rmSync(order, { force: true });
      const folder = join(system.folder, "..", "copies");
      const { code, text } = await start("rollback", { folder, bytes: 4096 }).ended;
      expect(text).toContain("record: ENOSPC: no space left on device");
      expect(code).toBe(1);
    },
  );

  it("is finished by running it again, undisturbed by a second one and an update, which are refused", async () => {
    rmSync(inputs, { force: true });
    const until = join(scratch, "go-on");
    writeFileSync(order, JSON.stringify({ at: "reversal", inputs, until }));
    const first = start("rollback");
    await Promise.race([appearance(inputs), first.ended]);
    const [second, update] = await Promise.all([start("rollback").ended, start("up").ended]);
    expect(second).toMatchObject({ code: 1 });
    expect(second.text).toMatch(
      new RegExp(`under way by \\S+@\\S+ \\(pid ${first.pid}\\) since .*Nothing was touched`),
    );
    expect(update).toMatchObject({ code: 1 });
    expect(update.text).toMatch(
      /currently locked by 1 lock.*created by \S+@\S+ \(pid \d+\).*nothing was touched/s,
    );
    const before = records().length;
    writeFileSync(until, "");
    const { code, text } = await first.ended;
    expect(code, text).toBe(0);
    const done = records();
    // The two that were refused left nothing.
    expect(done.length).toBe(before + 1);
    const back = (one: (typeof done)[number] | undefined) => [one?.rollback?.to, one?.rollback?.undoes];
    expect(done.at(-1)).toMatchObject({ result: "passed" });
    expect(back(done.at(-1))).toEqual(back(done.find(({ rollback }) => rollback !== null)));
  });

  it("brings back database, rows, site, application, secret and infrastructure as recorded", async () => {
    expect(await system.world()).toEqual(before);
  });
});
