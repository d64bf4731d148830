import { describe, expect, it } from "vitest";
import { type ResourceState, SECRET, SIGNATURE, UNKNOWN } from "../../../local/engine/types.ts";
import { empty, runProgram } from "./run-program.ts";

const named = (resources: ResourceState[], name: string) =>
  resources.find(({ urn }) => urn.endsWith(`::${name}`));
const secret = (value: string) => ({ [SIGNATURE]: SECRET, value });

// Each run starts a program and a provider server.
describe("a deployment", { timeout: 180_000 }, () => {
  it("creates, keeps, updates, replaces and deletes what the program declares, and the journal can restore each", async () => {
    const first = await runProgram("chain a 1");
    expect(first.errors).toEqual([]);
    expect(first.steps).toEqual(["create fixture-test", "create default", "create first", "create second"]);
    expect(first.result).toMatchObject({ result: "succeeded", changed: true, changes: { create: 3 } });
    expect(first.journal.begun).toEqual(["creating", "creating"]);
    expect(named(first.result.snapshot.resources, "fixture-test")?.outputs).toEqual({
      out: "a!!",
      hidden: secret("hush"),
    });
    expect(named(first.result.snapshot.resources, "first")).toMatchObject({
      id: "made-1",
      created: "2026-01-02T00:00:00Z",
      provider: "urn:pulumi:test::fixture::pulumi:providers:pulumi-nodejs::default::id-1",
    });

    const second = await runProgram("chain a 1", first.result.snapshot);
    expect(second.result).toMatchObject({ result: "succeeded", changed: false, changes: { same: 3 } });
    expect(second.journal.begun).toEqual([]);

    const third = await runProgram("chain b 1", second.result.snapshot);
    expect(third.result.changes).toEqual({ same: 1, update: 2 });

    const fourth = await runProgram("chain b 2", third.result.snapshot);
    expect(fourth.steps.slice(2)).toEqual([
      "create-replacement first",
      "replace first",
      "same second",
      "delete-replaced first",
    ]);
    expect(named(fourth.result.snapshot.resources, "first")?.id).toBe("made-2");

    const fifth = await runProgram("nothing", fourth.result.snapshot, { kind: "destroy" });
    expect(fifth.steps.slice(0, 2)).toEqual(["delete second", "delete first"]);
    expect(fifth.result.snapshot.resources).toEqual([]);

    for (const { journal, result } of [first, second, third, fourth, fifth]) {
      expect(journal.open.size).toBe(0);
      const urns = (states: ResourceState[]) => states.map(({ urn }) => urn).sort();
      expect(urns(journal.restored())).toEqual(urns(result.snapshot.resources));
    }
  });

  it("previews without creating: outputs that are not known stay so, and the caller's state is untouched", async () => {
    const { result, steps, journal } = await runProgram("chain a 1", empty, { kind: "preview" });
    expect(result).toMatchObject({ result: "succeeded", changes: { create: 3 } });
    expect(steps).toContain("create second");
    expect(journal.begun).toEqual([]);
    expect(named(result.snapshot.resources, "second")?.inputs).toMatchObject({ v: UNKNOWN });
    expect(empty).toEqual({ resources: [], pendingOperations: [] });
  });

  it("keeps what was made and says why it stopped when a creation fails", async () => {
    const { result, errors, journal } = await runProgram("failing");
    expect(result.result).toBe("failed");
    expect(errors).toEqual(["no room for 1", "update failed"]);
    expect(result.snapshot.resources.map(({ type }) => type)).toEqual([
      "pulumi:pulumi:Stack",
      "pulumi:providers:pulumi-nodejs",
    ]);
    expect(result.snapshot.pendingOperations).toEqual([]);
    expect(journal.open.size).toBe(0);
  });

  it("does nothing at all when it is canceled before it begins", async () => {
    const { result, steps } = await runProgram("chain a 1", empty, { cancel: AbortSignal.abort() });
    expect(result).toMatchObject({ result: "canceled", changed: false });
    expect(steps).toEqual([]);
  });

  it("finishes what runs and starts nothing more when it is canceled", async () => {
    const cancel = new AbortController();
    const { result, errors, steps } = await runProgram("slow 500", empty, {
      cancel: cancel.signal,
      onBegin: () => cancel.abort(),
    });
    expect(result.result).toBe("canceled");
    expect(errors).toEqual(["update canceled"]);
    expect(steps.at(-1)).toBe("create first");
    expect(named(result.snapshot.resources, "first")?.id).toBe("made-k");
    expect(result.snapshot.pendingOperations).toEqual([]);
  });

  it("leaves a running operation on record when it is given up", async () => {
    const kill = new AbortController();
    const { result, journal } = await runProgram("slow 3600000", empty, {
      kill: kill.signal,
      onBegin: () => kill.abort(),
    });
    expect(result.result).toBe("canceled");
    expect(result.snapshot.pendingOperations).toMatchObject([
      { type: "creating", resource: { inputs: { v: "1" } } },
    ]);
    expect(journal.open.size).toBe(1);
  });

  it("carries operations of an earlier run that never ended on, and warns of them", async () => {
    const interrupted = { type: "creating" as const, resource: { ...lost } };
    const { result, events } = await runProgram("nothing", {
      resources: [],
      pendingOperations: [interrupted],
    });
    expect(result.snapshot.pendingOperations).toEqual([interrupted]);
    const warnings = events.filter(({ diagnosticEvent }) => diagnosticEvent?.severity === "warning");
    expect(warnings.map(({ diagnosticEvent }) => diagnosticEvent?.message)).toEqual([
      expect.stringContaining("lost, interrupted while creating"),
    ]);
  });
});

describe("providers of this repository", { timeout: 180_000 }, () => {
  it("run in process; what they make secret is secret in state and outputs", async () => {
    const first = await runProgram("password");
    expect(first.errors).toEqual([]);
    const made = named(first.result.snapshot.resources, "made");
    expect(made?.outputs.result).toMatchObject({ [SIGNATURE]: SECRET });
    expect(named(first.result.snapshot.resources, "fixture-test")?.outputs.password).toEqual(
      made?.outputs.result,
    );
    const second = await runProgram("password", first.result.snapshot);
    expect(second.result).toMatchObject({ result: "succeeded", changed: false });
  });
});

describe("what this engine does not have", { timeout: 180_000 }, () => {
  it.each(["transform", "hook", "stackTransform"])("is refused by name: %s", async (feature) => {
    const { result, errors } = await runProgram(feature);
    expect(result.result).toBe("failed");
    expect(errors.join("\n")).toContain("not supported by the embedded engine; use the Pulumi CLI");
  });
});

const lost: ResourceState = {
  urn: "urn:pulumi:test::fixture::pulumi-nodejs:dynamic:Resource::lost",
  custom: true,
  type: "pulumi-nodejs:dynamic:Resource",
  inputs: {},
  outputs: {},
  dependencies: [],
  initErrors: [],
  propertyDependencies: {},
  additionalSecretOutputs: [],
};
