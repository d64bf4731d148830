import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { check, diff, execute } from "../../../checks/step/host.ts";
import type { Raw } from "../../../checks/step/inputs.ts";

// A check written for these tests, put where the mechanism looks for checks.
const kind = `trial-${randomBytes(4).toString("hex").replace(/\d/g, "x")}`;
const file = new URL(`../../../checks/${kind}.ts`, import.meta.url);
const password = "hunter2-hunter2";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

beforeAll(async () => {
  await writeFile(
    file,
    `import { z } from "zod";
import { defineStep, observe } from "./step/definition.ts";
export const step = defineStep({
  inputs: () => z.strictObject({ url: z.string(), want: z.number().max(9), seen: z.number().optional(), wait: z.boolean().optional(), say: z.string().optional(), due: z.string().optional(), more: z.number().optional(), allowed: z.number().optional() }),
  secrets: () => ["${password}"],
  rerun: ({ want }) => want,
  async again({ seen, say }, previous) { if (say) throw new Error(say); return previous.seen !== seen; },
  deadlineSeconds: 200,
  allowedSeconds: ({ allowed = 0 }) => allowed,
  async plan({ want }) { return ["would want " + want + " with ${password}"]; },
  async run({ want, seen, wait, say, due, more = 0 }, context) {
    console.log("goes on from " + context.previous?.seen);
    if (wait) await new Promise((_done, fail) => context.signal.addEventListener("abort", () => fail(context.signal.reason)));
    if (say) throw new Error(say);
    if (seen === undefined) return { observations: [], facts: {} };
    const later = due === undefined ? [] : [{ id: "day", result: "inconclusive", expected: "24 h", observed: "1 h", ...(due && { pendingUntil: due }) }];
    const rest = Array.from({ length: more }, (_, n) => observe("passed-" + n, true, "as wanted ".repeat(20), "as wanted ".repeat(20)));
    return { observations: [...rest, observe("count", want === seen, want + " rows", seen + " rows as ${password}"), ...later], facts: { seen, note: "${password}" } };
  },
});
`,
  );
});
afterAll(() => rm(file));

const happy = (): Raw => ({
  kind,
  name: "trial",
  url: "postgresql://db",
  want: 3,
  seen: 3,
  __provider: "code",
});

/** The error of a run that must fail. */
async function failure(raw: Raw, olds?: Raw) {
  const error: unknown = await execute(raw, undefined, olds).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error("the step did not fail");
  return error as Error & { id: string; properties: Raw & { observations: Raw[] }; reasons: string[] };
}

describe("execute", () => {
  it("keeps what was observed, without secrets", async () => {
    const { outs } = await execute(happy(), undefined, undefined);
    expect(outs).toMatchObject({ result: "passed", facts: { seen: 3, note: "[secret]" } });
    expect(JSON.stringify(outs)).not.toContain(password);
  });

  it("fails with the evidence attached when an observation failed", async () => {
    const error = await failure({ ...happy(), seen: 2 });
    expect(error.reasons).toEqual([`${kind} "trial": count: 2 rows as [secret], want 3 rows`]);
    expect(error.properties).toMatchObject({ result: "failed", __provider: "code", kind });
  });

  it("keeps every observation of a failed step as long as the transport takes them, then the failed ones", async () => {
    const resultsOf = async (more: number) => {
      const { properties } = await failure({ ...happy(), seen: 2, more });
      expect(Buffer.byteLength(JSON.stringify(properties))).toBeLessThan(48_000);
      return properties.observations.map(({ id, result }) => `${id} ${result}`);
    };
    expect(await resultsOf(200)).toHaveLength(201);
    expect(await resultsOf(2000)).toEqual(["count failed"]);
  });

  it("fails when nothing was observed", async () => {
    const { seen: _, ...blind } = happy();
    expect((await failure(blind)).message).toContain("nothing was observed");
  });

  it("fails at its deadline and says so", async () => {
    const error = await failure({ ...happy(), wait: true, deadlineSeconds: 1 });
    expect(error.message).toContain("not finished after 1 s; raise deadlineSeconds");
  });

  it.each([
    [0, 200],
    [300, 420],
  ])("has a deadline after what its inputs give it time for (%i s)", async (allowed, seconds) => {
    const set = vi.spyOn(globalThis, "setTimeout");
    await execute({ ...happy(), allowed }, undefined, undefined);
    expect(set).toHaveBeenCalledWith(expect.any(Function), seconds * 1000);
    set.mockRestore();
  });

  it("takes secrets out of an unexpected error", async () => {
    expect((await failure({ ...happy(), say: `no route for ${password}` })).message).toBe(
      `${kind} "trial": no route for [secret]`,
    );
  });

  it("goes on from the last run that came to its end, which is no evidence of one that did not", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    onTestFinished(() => log.mockRestore());
    const { outs } = await execute(happy(), undefined, undefined);
    const once = await failure({ ...happy(), say: "no answer" }, { ...outs });
    expect(once.properties).toMatchObject({ facts: {}, observations: [], earlier: { seen: 3 } });
    const twice = await failure({ ...happy(), say: "no answer" }, once.properties);
    const { outs: last } = await execute(happy(), undefined, twice.properties);
    expect(log.mock.calls).toEqual([undefined, 3, 3, 3].map((seen) => [`goes on from ${seen}`]));
    expect(last.earlier).toBeUndefined();
  });

  it("passes with an observation that is good so far and due later, and fails with one that has no data", async () => {
    const { outs } = await execute({ ...happy(), due: "2030-01-01T00:00:00.000Z" }, undefined, undefined);
    expect(outs.result).toBe("passed");
    expect(outs.observations[1]).toMatchObject({
      result: "inconclusive",
      pendingUntil: "2030-01-01T00:00:00.000Z",
    });
    expect((await failure({ ...happy(), due: "" })).reasons).toEqual([
      `${kind} "trial": day: 1 h, want 24 h (inconclusive)`,
    ]);
    const both = await failure({ ...happy(), seen: 2, due: "2030-01-01T00:00:00.000Z" });
    expect(both.reasons).toHaveLength(1);
  });

  it("records an advisory failure and goes on", async () => {
    const { outs } = await execute({ ...happy(), seen: 2, enforcement: "advisory" }, undefined, undefined);
    expect(outs).toMatchObject({
      result: "failed",
      accepted: ["count: 2 rows as [secret], want 3 rows; advisory"],
    });
  });

  it("accepts a waived failure until the waiver expires", async () => {
    const waiver = (expires: string) => [{ observation: "count", person: "Ana", reason: "known", expires }];
    const { outs } = await execute(
      { ...happy(), seen: 2, waivers: waiver("9999-01-01") },
      undefined,
      undefined,
    );
    expect(outs).toMatchObject({
      result: "failed",
      accepted: ["count: 2 rows as [secret], want 3 rows; waived by Ana until 9999-01-01: known"],
      waivers: [{ person: "Ana" }],
    });
    expect((await failure({ ...happy(), seen: 2, waivers: waiver("2000-01-01") })).message).toContain(
      "2 rows",
    );
  });
});

describe("check", () => {
  it("refuses inputs that are out of bounds or not known to the check", async () => {
    const { failures } = await check({ ...happy(), want: 10, colour: "red" });
    expect(failures.map((f) => f.property)).toEqual(["want", kind]);
  });

  it("accepts what is not known before up, and judges the rest", async () => {
    expect((await check({ ...happy(), url: UNKNOWN })).failures).toEqual([]);
    expect((await check({ ...happy(), url: UNKNOWN, want: 10 })).failures).toHaveLength(1);
  });

  it("shows the plan without secrets", async () => {
    const { inputs } = await check({ ...happy(), preview: true });
    expect(inputs.plan).toEqual(["would want 3 with [secret]"]);
  });

  it("plans nothing for an update, and says to nobody which of the two it was", async () => {
    expect((await check({ ...happy(), preview: false })).inputs).toEqual(happy());
    expect((await check({ ...happy(), preview: true })).inputs).not.toHaveProperty("preview");
  });
});

describe("diff", () => {
  it("runs again when what it depends on changed, is unknown, or did not pass", async () => {
    const { outs } = await execute(happy(), undefined, undefined);
    await check(happy());
    const olds: Raw = { ...outs };
    expect(await diff(olds, happy())).toEqual({ changes: false });
    expect(await diff(olds, { ...happy(), url: "postgresql://other" })).toEqual({ changes: false });
    expect(await diff(olds, { ...happy(), want: 4 })).toEqual({ changes: true });
    expect(await diff(olds, { ...happy(), url: UNKNOWN })).toEqual({ changes: true });
    expect(await diff({ ...olds, result: "failed" }, happy())).toEqual({ changes: true });
  });

  it("runs again when the step itself wants to, but not because it could not be asked", async () => {
    const { outs } = await execute(happy(), undefined, undefined);
    await check(happy());
    const olds: Raw = { ...outs };
    expect(await diff(olds, { ...happy(), seen: 4 })).toEqual({ changes: true });
    expect(await diff(olds, { ...happy(), seen: 4, say: "no answer" })).toEqual({ changes: false });
  });

  it("changes nothing in a refresh, which compares what no program declared", async () => {
    const alone = { ...happy(), name: "alone" };
    const { outs } = await execute(alone, undefined, undefined);
    const failed: Raw = { ...outs, result: "failed" };
    expect(await diff(failed, alone)).toEqual({ changes: false });
    await check(alone);
    expect(await diff(failed, alone)).toEqual({ changes: true });
  });
});
