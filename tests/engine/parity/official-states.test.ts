// Projects whose state was written by the official engine: opened, previewed and updated by the embedded one.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ExportedResource, Workplace } from "../workplace.ts";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const folder = join(import.meta.dirname, "state");
const recorded: { [project: string]: { [stack: string]: Expected } } = JSON.parse(
  readFileSync(join(folder, "expected.json"), "utf8"),
);

interface Expected {
  config: object;
  outputs: object;
  resources: { urn: string; id?: string; protect?: boolean }[];
  secrets: { urn: string; path: string; value: unknown }[];
  pending: { type: string; urn: string }[];
  history: { [key: string]: unknown }[];
}

describe.each([
  ["first", "dev"],
  ["first", "prod"],
  ["second", "stage"],
  ["killed", "dev"],
] as const)("the official stack %s/%s", (project, stack) => {
  const expected = recorded[project]?.[stack];
  let place: Workplace;
  beforeEach(() => {
    place = new Workplace(join(folder, project));
    place.share();
  });
  afterEach(() => place.close());

  it("opens with its configuration, outputs, state, secrets, pending operations and history", async () => {
    const read = async (...args: string[]) =>
      JSON.parse(await place.must(...args, "--json", "--show-secrets", "--stack", stack));

    expect(await read("config")).toEqual(expected?.config);
    expect(await read("stack", "output")).toEqual(expected?.outputs);
    const { deployment } = await place.export("--show-secrets", "--stack", stack);
    const { resources = [], pending_operations: pending = [] } = deployment;
    expect(resources.map(identity)).toEqual(expected?.resources);
    expect(pending.map(({ type, resource }) => ({ type, urn: resource.urn }))).toEqual(expected?.pending);
    const all = [...resources, ...pending.map(({ resource }) => resource)];
    expect(sorted(all.flatMap(secretsOf))).toEqual(sorted(expected?.secrets ?? []));
    const history: { [key: string]: unknown }[] = JSON.parse(
      await place.must("stack", "history", "--json", "--stack", stack),
    );
    const keys = ["kind", "result", "message", "resourceChanges", "config"];
    expect(history.map((record) => Object.fromEntries(keys.map((key) => [key, record[key]])))).toEqual(
      expected?.history,
    );
  });

  it("exports the same document as it was stored", async () => {
    const stored = JSON.parse(
      readFileSync(
        join(place.backend, ".pulumi/stacks", project === "second" ? "second" : "parity", `${stack}.json`),
        "utf8",
      ),
    );
    const { version, deployment } = await place.export("--stack", stack);

    expect({ version, deployment }).toEqual({
      version: stored.version,
      deployment: stored.checkpoint.latest,
    });
  });

  it("is previewed, brought to its end by one update, and then has no changes", {
    timeout: 120_000,
  }, async () => {
    place.misbehaveNoMore();
    await place.must("preview", "--stack", stack);
    expect(place.calls().filter((call) => /^(create|update|delete) /.test(call))).toEqual([]);
    await place.must("up", "--yes", "--skip-preview", "--stack", stack);
    await place.must("refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", stack);
    await place.must("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack);
    const { deployment } = await place.export("--stack", stack);

    expect(deployment.pending_operations).toBeUndefined();
    expect(deployment.resources?.filter((resource) => resource.delete)).toEqual([]);
  });
});

function identity(resource: ExportedResource) {
  const keys = ["urn", "id", "protect", "external", "delete"] as const;
  return Object.fromEntries(keys.filter((key) => resource[key]).map((key) => [key, resource[key]]));
}

function secretsOf(resource: ExportedResource): Expected["secrets"] {
  const walk = (value: unknown, path: string): Expected["secrets"] => {
    if (typeof value !== "object" || value === null) return [];
    if (SIGNATURE in value && "plaintext" in value) {
      return [{ urn: resource.urn, path, value: JSON.parse(String(value.plaintext)) }];
    }
    return Object.entries(value).flatMap(([key, inner]) => walk(inner, `${path}/${key}`));
  };
  return [...walk(resource.inputs, "inputs"), ...walk(resource.outputs, "outputs")];
}

function sorted(secrets: Expected["secrets"]): Expected["secrets"] {
  return secrets.toSorted((a, b) => `${a.urn} ${a.path}`.localeCompare(`${b.urn} ${b.path}`));
}
