// `greenlight watch` of a stack as its state has it; what a watch sees is tested with the checks.
import { setTimeout as pause } from "node:timers/promises";
import { expect, it, onTestFinished, vi } from "vitest";
import { watch } from "../../greenlight/commands/watch.ts";
import { STEP_TYPE } from "../../report/steps.ts";

const inputs = {
  measures: { up: { probe: { url: "https://orders.example.com/health" } } },
  marks: [{ name: "hour", minutes: 60, checks: [{ name: "up", measure: "up", minimum: 100 }] }],
  since: ["2026-05-04T08:00:00.000Z"],
  release: "1.0.0",
  system: "orders",
  stack: "production",
  directory: ".",
  // What the mechanism adds.
  kind: "observation",
  name: "observation",
  __provider: "",
  deadlineSeconds: 60,
  enforcement: "mandatory",
  waivers: [],
  onFailure: [{ kind: "notification", inputs: {}, reasonAs: "reason" }],
};
const deployed = { resources: [{ type: `${STEP_TYPE}Observation`, inputs }] };
let deployment: object = deployed;
const watched = vi.hoisted(() => vi.fn());

vi.mock("../../greenlight/engine.ts", () => ({
  existingStack: async () => ({
    engine: {},
    stack: { name: "production", exportStack: async () => ({ deployment }) },
  }),
}));
vi.mock("../../checks/observation/watch.ts", async (original) => ({
  ...(await original<object>()),
  watch: watched,
}));

it("watches a stack whose steps tell somebody when they fail", async () => {
  watched.mockResolvedValue({ verdicts: { observations: [], breaches: [] } });
  expect(await watch.run(["--stack", "production", "--once", "--no-auto-rollback"])).toBe(0);
  expect(watched.mock.calls[0]?.[0]).toMatchObject({ release: "1.0.0" });
});

it("says who ended it, and not what was under way", async () => {
  watched.mockImplementation((_given, _pace, signal: AbortSignal) => pause(60_000, undefined, { signal }));
  const watching = watch.run(["--stack", "production", "--no-auto-rollback"]);
  setImmediate(() => process.emit("SIGINT"));
  await expect(watching).rejects.toThrow("interrupted by SIGINT; start it again to go on");
});

it("refuses a stack that was never updated, saying what to do", async () => {
  deployment = {};
  onTestFinished(() => {
    deployment = deployed;
  });
  await expect(watch.run(["--stack", "production"])).rejects.toThrow(
    'stack "production": no observation in its state, want one; add greenlight:observation and run pulumi up',
  );
});
