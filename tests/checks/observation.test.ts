import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { z } from "zod";
import { bucketFiles, folderFiles, SampleStore } from "../../checks/observation/store.ts";
import { storeOf } from "../../checks/observation/watch.ts";
import { type observationInputs, step } from "../../checks/observation.ts";
import type { Facts } from "../../checks/step/definition.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { withServer } from "./support/http-server.ts";
import { inputFaults, runStep } from "./support/run-step.ts";

type Inputs = z.input<ReturnType<typeof observationInputs>>;

beforeAll(async () => {
  const environment = servicesEnvironment(await sharedServices());
  for (const [name, value] of Object.entries(environment)) process.env[name] ??= value;
});

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), "greenlight-observation-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A server whose counter grows by `bad` of 100 with each look. */
const counting = (bad: number, work: (inputs: Inputs) => Promise<void>) => {
  let looks = 0;
  return withServer(
    (_request, response) => {
      looks += 1;
      response.end(
        `# TYPE requests counter\nrequests{status="200"} ${looks * (100 - bad)}\nrequests{status="500"} ${looks * bad}\n`,
      );
    },
    (url) => {
      const requests = (labels: object) => ({ prometheus: { url, metric: "requests", labels } });
      return work({
        system: "orders",
        stack: "test",
        release: "1.0.0",
        directory: folder(),
        measures: { all: requests({}), bad: requests({ status: { matches: "5.." } }) } as Inputs["measures"],
        marks: [
          {
            name: "start",
            minutes: 1 / 60,
            checks: [{ name: "errors", measure: "bad", per: "all", maximum: 5, trigger: "immediate" }],
          },
          {
            name: "hour",
            minutes: 60,
            checks: [{ name: "errors", measure: "bad", per: "all", maximum: 5, trigger: "immediate" }],
          },
        ],
        inUpdate: { seconds: 1, everySeconds: 0.3 },
      });
    },
  );
};
const context = () => ({
  name: "o",
  log: () => {},
  signal: AbortSignal.timeout(20_000),
  previous: undefined,
});
const again = (inputs: Inputs, facts: Facts) => step.again?.(step.inputs().parse(inputs), facts, context());

describe("observation", () => {
  it("passes a window that the update watched to its end; a longer one is pending with its time", async () => {
    await counting(5, async (inputs) => {
      const { seen, facts } = await runStep(step, inputs);
      expect(seen("measures")).toMatchObject({ result: "passed" });
      expect(seen("start-errors")).toMatchObject({
        result: "passed",
        expected: "bad per all at most 5 % for 1 s",
      });
      const due = new Date(Date.parse(String(facts.beganAt)) + 3_600_000).toISOString();
      expect(seen("hour-errors")).toMatchObject({ result: "inconclusive", pendingUntil: due });
      expect(facts).toMatchObject({ nextDue: due, breaches: [] });
    });
  });

  it("fails at a breach of every window that it is in, and names the trigger", async () => {
    await counting(6, async (inputs) => {
      const { observations, facts, lines } = await runStep(step, inputs);
      expect(observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
        "measures passed",
        "start-errors failed",
        "hour-errors failed",
      ]);
      expect(facts.breaches).toMatchObject([{ trigger: "immediate" }, { observation: "hour-errors" }]);
      expect(lines[0]).toMatch(/^immediate rollback trigger: start-errors: 6 % to 6 %/);
    });
  });

  it("fails when a measure cannot be read at all, with the reason", async () => {
    await counting(0, async (inputs) => {
      const measures = {
        ...inputs.measures,
        gone: { prometheus: { url: "http://127.0.0.1:1/", metric: "x" } },
      };
      const { seen } = await runStep(step, { ...inputs, measures });
      expect(seen("measures").result).toBe("failed");
      expect(seen("measures").observed).toMatch(/^gone: GET .*ECONNREFUSED/);
    });
  });

  it("goes on where the last watch stopped, and runs again for what was seen since or is due", async () => {
    await counting(0, async (inputs) => {
      const first = await runStep(step, inputs);
      expect(await again(inputs, first.facts)).toBe(false);
      expect(await again(inputs, { ...first.facts, nextDue: "2020-01-01T00:00:00.000Z" })).toBe(true);
      const second = await runStep(step, inputs);
      expect(second.facts.beganAt).toBe(first.facts.beganAt);
      expect(Number(second.facts.samples)).toBeGreaterThan(Number(first.facts.samples));
      expect(await again(inputs, first.facts)).toBe(true);
      const next = await runStep(step, { ...inputs, release: "1.0.1" });
      expect(next.facts.beganAt).not.toBe(first.facts.beganAt);
    });
  });

  it("watches a release anew that nobody watched to its end, and passes it then", async () => {
    await counting(5, async (inputs) => {
      const [start] = inputs.marks;
      if (start === undefined) throw new Error("no mark");
      const given = {
        ...inputs,
        maximumGapSeconds: 60,
        marks: [{ ...start, name: "hour", minutes: 60 }, start],
      };
      const store = storeOf(step.inputs().parse(given), AbortSignal.timeout(20_000));
      const released = new Date(Date.now() - 3 * 3_600_000);
      await store.starts(released);
      await store.append([
        { at: released.toISOString(), values: { all: 1, bad: 0 }, errors: {} },
        { at: new Date(released.getTime() + 1000).toISOString(), values: { all: 9, bad: 0 }, errors: {} },
      ]);
      const { seen, facts, lines } = await runStep(step, given);
      expect(seen("start-errors")).toMatchObject({
        result: "passed",
        observed: "0 % to 0 %, 2 samples over 1 s",
      });
      const [begun] = (await store.starts(new Date())).slice(1);
      const due = new Date((begun?.at.getTime() ?? 0) + 3_600_000);
      expect(due.getTime()).toBeGreaterThan(Date.now());
      expect(seen("hour-errors")).toMatchObject({
        result: "inconclusive",
        pendingUntil: due.toISOString(),
        observed: expect.stringMatching(
          /not over yet; watched anew since .*, as before there was no data for 60 min from .* want none longer than 60 s$/,
        ),
      });
      expect(facts).toMatchObject({
        beganAt: released.toISOString(),
        anew: [
          { at: begun?.at.toISOString(), why: expect.stringMatching(/^hour-errors: no data for 60 min/) },
        ],
      });
      expect(lines).toEqual([expect.stringMatching(/^watched anew from now on: hour-errors: no data/)]);
      // Once begun, it goes on.
      const next = await runStep(step, given);
      expect(next.facts).toMatchObject({ anew: facts.anew });
      expect(next.lines).toEqual([]);
    });
  });

  it("does not watch anew what cannot be read yet", async () => {
    const gone = { prometheus: { url: "http://127.0.0.1:1/", metric: "x" } };
    await counting(0, async (inputs) => {
      const given = { ...inputs, measures: { all: gone, bad: gone } };
      const first = await runStep(step, given);
      const second = await runStep(step, given);
      expect(second.facts).toMatchObject({ beganAt: first.facts.beganAt, anew: [] });
      expect(second.seen("start-errors").result).toBe("inconclusive");
      expect(second.seen("start-errors").pendingUntil).toBeUndefined();
      const { seen, facts } = await runStep(step, inputs);
      expect(facts.anew).toMatchObject([
        {
          why: expect.stringMatching(/^start-errors: .* could .*be read.* first at .*ECONNREFUSED/),
        },
      ]);
      expect(seen("start-errors").result).toBe("passed");
    });
  });

  it("refuses samples that are rarer than the longest time without one", () => {
    const given = {
      system: "s",
      stack: "t",
      measures: { m: { sql: "select 1" } },
      marks: [{ name: "mark", minutes: 1, checks: [{ name: "c", measure: "m" }] }],
      maximumGapSeconds: 60,
    };
    expect(inputFaults(step, given)).toEqual([]);
    expect(inputFaults(step, { ...given, everySeconds: 61 })).toEqual([
      expect.stringContaining("maximumGapSeconds"),
    ]);
    expect(inputFaults(step, { ...given, inUpdate: { everySeconds: 61 } })).toHaveLength(1);
  });

  it.each([
    [{ minutes: 20_160 }, { minutes: 20_161 }],
    [{ fromMinutes: 0.99 }, { fromMinutes: 1 }],
    [{ name: "a-1" }, { name: "A" }],
    [{ checks: [{ name: "c", measure: "m" }] }, { checks: [{ name: "c", measure: "other" }] }],
    [
      { checks: [{ name: "c", measure: "m", failureLimit: 1 }] },
      { checks: [{ name: "c", measure: "m", failureLimit: 1, statistic: "mean" }] },
    ],
  ])("accepts a mark with %j and refuses one with %j", (good, bad) => {
    const inputs = (mark: object) => ({
      system: "s",
      stack: "t",
      measures: { m: { sql: "select 1" } },
      marks: [{ name: "mark", minutes: 1, checks: [{ name: "c", measure: "m" }], ...mark }],
    });
    expect(inputFaults(step, inputs(good))).toEqual([]);
    expect(inputFaults(step, inputs(bad))).toHaveLength(1);
  });
});

describe("samples", () => {
  const sample = (at: string, value: number) => ({ at, values: { m: value }, errors: {} });

  it.each(["folder", "bucket"])("are kept in a %s, by the hour, once each", async (kind) => {
    const directory = folder();
    const bucket = `observation-${process.pid}`;
    if (kind === "bucket") await new S3Client({}).send(new CreateBucketCommand({ Bucket: bucket }));
    const signal = AbortSignal.timeout(20_000);
    const files = () => (kind === "folder" ? folderFiles(directory) : bucketFiles(bucket, "a/b", signal));
    const store = new SampleStore(files());
    const now = new Date("2030-01-01T00:00:00Z");
    expect(await store.starts(now)).toEqual([{ at: now, why: "" }]);
    await store.append([sample("2030-01-01T00:59:59.000Z", 1), sample("2030-01-01T01:00:00.000Z", 2)]);
    const later = new SampleStore(files());
    await later.append([sample("2030-01-01T01:00:00.000Z", 9), sample("2030-01-01T01:30:00.000Z", 3)]);
    const [begun, ...anew] = await later.starts(new Date());
    expect([begun, ...anew]).toEqual([{ at: now, why: "" }]);
    const third = { at: new Date("2030-01-01T03:00:00Z"), why: "no data" };
    await later.restart([begun, third]);
    expect(await store.starts(new Date())).toEqual([begun, third]);
    expect((await later.load()).map(({ values }) => values.m)).toEqual([1, 2, 3]);
    expect((await files().list()).sort()).toEqual(["2030-01-01T00.json", "2030-01-01T01.json", "began.json"]);
  });
});
