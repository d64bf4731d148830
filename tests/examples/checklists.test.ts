// The checklists of the queue worker and of Khaacho have every box once, and name as proof only journeys, objects and queries that
// exist.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readJourneys } from "../../checks/smoke/journey.ts";
import { idsOf } from "../../checks/smoke/lint.ts";
import { kebab } from "../../checks/step/kebab.ts";
import { projectRoot } from "../../local/services/layout.ts";
import { judge, readChecklist } from "../../report/checklist.ts";

const SYSTEMS = [
  { system: "queue-worker", seed: "003", numbered: 157, rollback: 7, firstLine: 6, lastLine: 246 },
  { system: "khaacho", seed: "004", numbered: 91, rollback: 0, firstLine: 6, lastLine: 130 },
];

const named = z.array(z.union([z.string(), z.object({ name: z.string() })]));

describe.each(SYSTEMS)("the checklist of $system", ({ system, seed, numbered, rollback, ...lines }) => {
  const inSystem = (...path: string[]) => join(projectRoot, "examples", system, ...path);
  const read = async () =>
    readChecklist(await readFile(inSystem("checklist.yaml"), "utf8"), "checklist.yaml");
  const namesOf = async (file: string, list: string) => {
    const all = z.record(z.string(), named).catch({});
    const content: unknown = parse(await readFile(inSystem(file), "utf8"));
    const entries = all.parse(
      typeof content === "object" ? { [list]: Reflect.get(content ?? {}, list) ?? [] } : {},
    );
    return (entries[list] ?? []).map((entry) => kebab(typeof entry === "string" ? entry : entry.name));
  };

  it("has every box once, in the order of their lines", async () => {
    const { boxes } = await read();
    const number = (prefix: string, digits: number, count: number) =>
      Array.from({ length: count }, (_, at) => `${seed}-${prefix}${String(at + 1).padStart(digits, "0")}`);
    const wanted = [...number("", 3, numbered), ...number("R", 2, rollback)];
    expect(boxes.map(({ id }) => id).sort()).toEqual(wanted.sort());
    const seen = boxes.map(({ line }) => line);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    expect([seen[0], seen.at(-1)]).toEqual([lines.firstLine, lines.lastLine]);
  });

  it("names as proof only what the system's own files hold", async () => {
    const { boxes } = await read();
    const { journeys } = await readJourneys(inSystem("smoke/journeys.yaml"));
    const known = new Set([
      ...journeys.flatMap(idsOf).map((id) => `smoke#${id}`),
      ...(await namesOf("rows.yaml", "queries")).map((name) => `rows#${name}`),
      ...(await namesOf("schema.yaml", "tables")).map((name) => `schema#table-${name}`),
      ...(await namesOf("schema.yaml", "indexes")).map((name) => `schema#index-${name}`),
      ...(await namesOf("schema.yaml", "functions")).map((name) => `schema#function-${name}`),
      ...(await namesOf("schema.yaml", "views")).map((name) => `schema#view-${name}`),
      ...(await namesOf("schema.yaml", "probes")).map((name) => `schema#isolation-${name}`),
    ]);
    const proofs = boxes
      .flatMap(({ proof }) => proof ?? [])
      .filter((name) => /^(smoke|rows|schema)#/.test(name));
    expect(proofs.length).toBeGreaterThan(40);
    expect(proofs.filter((name) => !known.has(name))).toEqual([]);
  });

  it("settles nothing without a run", async () => {
    const verdicts = judge(await read(), [], "2026-01-11").map(({ verdict }) => verdict);
    expect([...new Set(verdicts)].sort()).toEqual(["notApplicable", "open"]);
  });
});
