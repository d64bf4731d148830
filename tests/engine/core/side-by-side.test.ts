// What runs side by side must not show: each resource is checked and compared once, as with one worker.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workplace } from "../workplace.ts";

const NAMES = ["a", "b", "c", "d", "e", "f"];

/** Resources that the program registers at once; `changes` are new inputs of some. */
function spec(changes: { [name: string]: object } = {}, behave: object = {}) {
  const resources = NAMES.map((name) => ({
    name,
    kind: "dynamic",
    inputs: { key: "1", v: "1", ...changes[name] },
  }));
  return { resources, program: { together: true }, behave };
}

describe("registrations that come at once", () => {
  const place = new Workplace();
  beforeAll(async () => {
    await place.must("stack", "init", "dev");
    place.declare(spec());
    await place.must("up", "--yes", "--skip-preview", "--stack", "dev");
  });
  afterAll(() => place.close());

  /** Provider calls of one update. */
  async function callsOf(parallel: number, declared: object): Promise<{ code: unknown; calls: string[] }> {
    const before = place.calls().length;
    place.declare(declared);
    const { code } = await place.run([
      "up",
      "--yes",
      "--skip-preview",
      "--stack",
      "dev",
      "--parallel",
      String(parallel),
    ]);
    return { code, calls: place.calls().slice(before).sort() };
  }

  it("are each checked and compared once when nothing changed", async () => {
    const { code, calls } = await callsOf(8, spec());
    expect(code).toBe(0);
    expect(calls).toEqual(NAMES.flatMap((name) => [`check ${name}`, `diff ${name}`]).sort());
  });

  it("are updated and replaced as with one worker", async () => {
    const there = { b: { v: "2" }, c: { key: "2" }, e: { v: "2" } };
    const side = await callsOf(8, spec(there));
    const back = await callsOf(1, spec());
    expect(side.code).toBe(0);
    expect(side.calls.filter((call) => /^(check|create|update) c/.test(call))).toEqual([
      "check c",
      "check c",
      "create c",
    ]);
    expect(side.calls).toEqual(back.calls);
  });

  it("tell of a check that fails where it was asked for, and change nothing else", async () => {
    const refusing = { c: { check: [{ property: "v", reason: "too small" }] } };
    const { code } = await callsOf(8, spec({ b: { v: "3" } }, refusing));
    expect(code).not.toBe(0);
    const healed = await callsOf(1, spec());
    expect(healed.code).toBe(0);
    expect(healed.calls.filter((call) => /^(create|delete)/.test(call))).toEqual([]);
  });
});
