// checklist.yaml has every box once, and names as proof only observations that a run of this example makes.
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readJourneys } from "../../../checks/smoke/journey.ts";
import { idsOf } from "../../../checks/smoke/lint.ts";
import { kebab } from "../../../checks/step/kebab.ts";
import { judge, readChecklist } from "../../../report/checklist.ts";
import { inExample } from "./support/example.ts";

const file = inExample("checklist.yaml");
const { boxes, ...list } = readChecklist(await readFile(file, "utf8"), file);
const proofs = boxes.flatMap((box) => (box.proof === undefined ? [] : [box.proof].flat()));

/** Observations of steps that are the same for every system; the others come from the example's own files. */
const common = [
  "backup#exists",
  "backup#checksum",
  "backup#encrypted",
  "backup#sealed",
  "backup#listable",
  "backup#restored",
  "backup#data-equal",
  "backup#restore-time",
  "preflight#database-tls",
  "preflight#redis",
  "site#size",
  "health#health",
  "schema#row-security",
  ...[
    "authentication",
    "broken-json",
    "cors-allow",
    "cors-deny",
    "forged-token",
    "headers",
    "https-redirect",
  ].map((id) => `security#${id}`),
  ...["no-row-written", "oversized", "rate-limit", "wrong-type"].map((id) => `security#${id}`),
  ...[
    "queue-size",
    "job-failures",
    "response-time",
    "email-failures",
    "database-errors",
    "memory",
    "disk-free",
  ].flatMap((id) => [`alarms#alarm-${id}`, `alarms#delivery-${id}`]),
  "alarms#restored",
  "maintenance#slow-statements",
  "record#steps",
  "record#stored",
];

const named = z.array(z.union([z.string(), z.object({ name: z.string() })]));

async function observable(): Promise<Set<string>> {
  const { journeys } = await readJourneys(inExample("smoke", "journeys.yaml"));
  const schema = z
    .object({ tables: named, indexes: named, functions: named, probes: named })
    .parse(parse(await readFile(inExample("schema.yaml"), "utf8")));
  const rows = z.object({ queries: named }).parse(parse(await readFile(inExample("rows.yaml"), "utf8")));
  const names = (entries: z.infer<typeof named>) =>
    entries.map((entry) => kebab(typeof entry === "string" ? entry : entry.name));
  return new Set([
    ...common,
    ...journeys.flatMap(idsOf).map((id) => `smoke#${id}`),
    ...names(rows.queries).map((name) => `rows#${name}`),
    ...names(schema.tables).flatMap((name) => [`schema#table-${name}`, `schema#rls-${name}`]),
    ...names(schema.indexes).map((name) => `schema#index-${name}`),
    ...names(schema.functions).map((name) => `schema#function-${name}`),
    ...names(schema.probes).map((name) => `schema#isolation-${name}`),
  ]);
}

describe("checklist.yaml", () => {
  it("has the boxes 000-001 to 000-195, in the order of their lines", () => {
    const wanted = Array.from({ length: 195 }, (_, index) => `000-${String(index + 1).padStart(3, "0")}`);
    expect(boxes.map((box) => box.id)).toEqual(wanted);
    const lines = boxes.map((box) => box.line);
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
    expect([lines[0], lines.at(-1)]).toEqual([30, 1090]);
    expect(new Set(lines).size).toBe(195);
  });

  it("names as proof only what a run observes", async () => {
    const known = await observable();
    expect(proofs.length).toBeGreaterThan(100);
    expect(proofs.filter((proof) => !known.has(proof))).toEqual([]);
  });

  it("settles nothing without a run", () => {
    const verdicts = judge({ ...list, boxes }, [], "2026-01-11").map((box) => box.verdict);
    expect(new Set(verdicts)).toEqual(new Set(["open"]));
  });
});
