// One stack, two engines: what the embedded engine wrote the official one reads, and the other way round, with nothing to
// change, secrets and replaced objects included. Needs the Pulumi CLI on PATH; says so where there is none.
import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { embeddedCommand, Workplace } from "../workplace.ts";
import { officialCommand } from "./official-command.ts";

const SPEC = {
  resources: [
    { name: "group", kind: "component" },
    { name: "own", kind: "provider", inputs: { region: "here" } },
    {
      name: "first",
      kind: "dynamic",
      inputs: { key: "1", list: ["a", { b: "c" }] },
      options: { parent: "group" },
    },
    {
      name: "hidden",
      kind: "dynamic",
      inputs: { v: { $secret: "hush hush" } },
      options: { provider: "own" },
    },
    { name: "last", kind: "dynamic", inputs: { v: { $ref: "first.out" } }, options: { protect: true } },
    { name: "found", kind: "get", id: "found-1" },
  ],
  outputs: { out: { $ref: "last.out" }, hidden: { $ref: "hidden.v" } },
};

const official = officialCommand();

describe.skipIf(official === undefined)("a stack in the hands of two engines", { timeout: 300_000 }, () => {
  const engines = { embedded: embeddedCommand, official: official ?? "" };
  let place: Workplace;
  beforeEach(() => {
    place = new Workplace();
    place.declare(SPEC);
  });
  afterEach(() => place.close());

  it.each([
    ["embedded", "official"],
    ["official", "embedded"],
  ] as const)("made by the %s engine, has no changes for the %s one, and is taken over by it", async (maker, taker) => {
    const made = place.usedBy(engines[maker]);
    await made.must("stack", "init", "dev");
    await made.must("config", "set", "password", "--secret", "hush", "--stack", "dev");
    await made.must("up", "--yes", "--skip-preview", "--stack", "dev");
    const before = await made.export("--show-secrets", "--stack", "dev");
    const calls = place.calls().length;

    const taken = place.usedBy(engines[taker]);
    expect((await taken.must("config", "get", "password", "--stack", "dev")).trim()).toBe("hush");
    await taken.must("preview", "--expect-no-changes", "--stack", "dev");
    expect((await taken.export("--show-secrets", "--stack", "dev")).deployment.resources).toEqual(
      before.deployment.resources,
    );
    await taken.must("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "dev");
    const written = place.calls().slice(calls);
    expect(written.filter((call) => /^(create|update|delete) /.test(call))).toEqual([]);

    const spec = { ...SPEC, resources: SPEC.resources.filter(({ name }) => name !== "hidden") };
    place.declare({ ...spec, outputs: {} });
    await taken.must("up", "--yes", "--skip-preview", "--stack", "dev");
    await made.must("preview", "--expect-no-changes", "--stack", "dev");
    expect(place.calls().filter((call) => call.startsWith("delete "))).toEqual(["delete hidden"]);
  });

  it.each([
    ["embedded", "official"],
    ["official", "embedded"],
  ] as const)("exported by the %s engine, is imported by the %s one", async (maker, taker) => {
    const made = place.usedBy(engines[maker]);
    await made.must("stack", "init", "dev");
    await made.must("up", "--yes", "--skip-preview", "--stack", "dev");
    const file = place.path("export.json");
    writeFileSync(file, await made.must("stack", "export", "--show-secrets", "--stack", "dev"));

    const taken = place.usedBy(engines[taker]);
    await taken.must("stack", "import", "--file", file, "--stack", "dev");
    await taken.must("preview", "--expect-no-changes", "--stack", "dev");
    const outputs = JSON.parse(
      await taken.must("stack", "output", "--json", "--show-secrets", "--stack", "dev"),
    );
    expect(outputs).toEqual({ out: "last:", hidden: "hush hush" });
  });
});

it.skipIf(official !== undefined)("interoperation is skipped without the Pulumi CLI on PATH", () => {
  expect(official).toBeUndefined();
});
