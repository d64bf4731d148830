// A rollback that is interrupted at every one of its steps: the engine and its processes are killed by SIGKILL right before the step
// does its work; then the step loses its database, then S3, then finds a full disk; then does its work without anybody saving
// that it did. After each of that the command is run again, and in the end everything is as the record says.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { execute } from "../../../checks/step/host.ts";
import { proxyBefore } from "../../checks/support/proxy.ts";
import { FIRST, FIRST_SECTIONS, type SmallRelease, SmallSystem } from "../support/small-system.ts";

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
  system.write(one, FIRST_SECTIONS);
  expect((await system.up()).errors).toEqual([]);
  before = await system.world();
  system.write(two);
  expect((await system.up()).errors).toEqual([]);
}, 10 * MINUTES);

afterAll(async () => {
  rmSync(scratch, { recursive: true });
  await system.destroy();
}, 5 * MINUTES);

/** The command again, killed before a step; undefined lets it finish. */
function rollBack(at?: string) {
  rmSync(inputs, { force: true });
  if (at === undefined) rmSync(order, { force: true });
  else writeFileSync(order, JSON.stringify({ at, inputs }));
  const hook = fileURLToPath(new URL("../support/interruption.ts", import.meta.url));
  const environment = {
    ...system.environment,
    GREENLIGHT_TEST_INTERRUPTION: order,
    NODE_OPTIONS: `--import=${hook}`,
  };
  return system.rollBack({ environment });
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

describe("a rollback", { timeout: 10 * MINUTES }, () => {
  it("does not begin on a full disk, and touches nothing", async () => {
    await expect(withFullDisk(() => rollBack())).rejects.toThrow("ENOSPC");
    expect((await system.world()).application.version).toBe("2.0.0");
  });

  it.each(
    STEPS,
  )("can be killed before %s, and that step loses its database, S3 and the disk's space", async (step) => {
    const killed = await rollBack(step);
    expect(killed?.errors.length).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(inputs, "utf8")).name).toBe(step);
    const troubles = [await withoutDatabase(), await withoutS3(), await withFullDisk(() => workInTrouble())];
    expect(troubles.every((told) => told.length > 0)).toBe(true);
    if (step === "reversal") expect(troubles[0]).not.toBe("passed");
    if (step === "site" || step === "record") expect(troubles[1]).not.toBe("passed");
    if (step === "record") expect(troubles[2]).toContain("ENOSPC");
    // Done, and killed before anybody could save it; a record would be one more of its chain.
    if (step !== "record") expect((await work()).outs.result).toMatch(/passed|notApplicable/);
  });

  it("is finished by running it again: database, rows, site, application, secret and infrastructure as recorded", async () => {
    const finished = await rollBack();
    expect(finished?.errors).toEqual([]);
    expect(finished?.verdict).toBe("proven");
    expect(await system.world()).toEqual(before);
  });
});
