// The stack files of the repository are valid as they stand, and what is derived from the settings' schemas is current.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { derivedFiles } from "../../infra/settings/write.ts";
import { readSettings } from "../../infra/settings.ts";
import { localEnvironment, sourceOf } from "./support/source.ts";

const root = new URL("../../", import.meta.url);
const folderOf = (path: string) => fileURLToPath(new URL(".", new URL(path, root)));
const textOf = (path: string) => readFileSync(new URL(path, root), "utf8");

describe("derived files", () => {
  it.each(Object.entries(derivedFiles()))("%s is current; npm run settings writes it", (path, text) => {
    expect(textOf(path)).toBe(text);
  });
});

const FILES = [
  "Pulumi.local.yaml",
  "Pulumi.production.yaml",
  "examples/hv-consultores/Pulumi.local.yaml",
  "examples/hv-consultores/Pulumi.production.yaml",
  "examples/support-troubleshooting/Pulumi.local.yaml",
  "examples/support-troubleshooting/Pulumi.production.yaml",
  "examples/pfa-vanguard/Pulumi.local.yaml",
  "examples/pfa-vanguard/Pulumi.production.yaml",
  "examples/queue-worker/Pulumi.local.yaml",
  "examples/queue-worker/Pulumi.production.yaml",
  "examples/queue-worker/Pulumi.staging.yaml",
  "examples/khaacho/Pulumi.local.yaml",
  "examples/khaacho/Pulumi.production.yaml",
];

/** What the program would see of a file; every encrypted value has a form that all of them may have. */
function settingsOf(path: string) {
  const stack = path.match(/Pulumi\.(.*)\.yaml/)?.[1];
  const decrypted = () => "postgresql://administrator:password@db.example.com/postgres?sslmode=require";
  return readSettings(
    sourceOf(textOf(path), { stack, directory: folderOf(path), environment: localEnvironment, decrypted }),
  );
}

describe("stack files", () => {
  it.each(FILES)("%s has no fault", (path) => {
    expect(settingsOf(path).system.name).not.toBe("");
  });

  it.each(FILES)("%s names the schema that editors complete it with", (path) => {
    const schema = textOf(path).match(/^# yaml-language-server: \$schema=(.*)$/m)?.[1];
    expect(new URL(schema ?? "", new URL(path, root)).href).toBe(
      new URL("greenlight.schema.json", root).href,
    );
  });

  it("of production and staging are not disposable", () => {
    const kept = FILES.filter((path) => !path.includes("local"));
    expect(kept.filter((path) => settingsOf(path).system.disposable)).toEqual([]);
  });
});

const SYSTEMS = ["hv-consultores", "support-troubleshooting", "pfa-vanguard", "queue-worker", "khaacho"];

describe.each(SYSTEMS)("the variables of %s", (system) => {
  it.each([
    "local",
    "production",
  ])("are all given by the stack %s, each in the group that environment.yaml names", (stack) => {
    const { application } = settingsOf(`examples/${system}/Pulumi.${stack}.yaml`);
    const { variables }: { variables: Variable[] } = parse(textOf(`examples/${system}/environment.yaml`));
    const given = [
      ...Object.keys(application?.environment ?? {}).map((name) => [name, "settings"]),
      ...Object.keys(application?.secrets ?? {}).map((name) => [name, "settings"]),
      ...Object.keys(application?.generated ?? {}).map((name) => [name, "generated"]),
      ...Object.keys(application?.provided ?? {}).map((name) => [name, "infrastructure"]),
    ];
    const sources = new Map(variables.map(({ name, source }) => [name, source]));
    expect(given.filter(([name = "", source]) => sources.get(name) !== source)).toEqual([]);
    const names = given.map(([name]) => name);
    const needed = variables.filter(({ required }) => required === true).map(({ name }) => name);
    expect(needed.filter((name) => !names.includes(name))).toEqual([]);
    const secret = variables.filter((variable) => variable.secret).map(({ name }) => name);
    expect(Object.keys(application?.environment ?? {}).filter((name) => secret.includes(name))).toEqual([]);
  });
});

interface Variable {
  name: string;
  required: true | string;
  secret: boolean;
  source: string;
}
