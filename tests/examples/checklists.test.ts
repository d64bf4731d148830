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
import type { StepReport } from "../../report/steps.ts";

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

describe("a box that is signed and proven", () => {
  const signedAt = (day: string, failing?: string) => async (id: string) => {
    const system = id.startsWith("004") ? "khaacho" : "pfa-vanguard";
    const file = join(projectRoot, "examples", system, "checklist.yaml");
    const list = readChecklist(await readFile(file, "utf8"), "checklist.yaml");
    const proofs = list.boxes.flatMap(({ proof }) => [proof ?? []].flat());
    const step = (name: string, kind: string, facts: StepReport["facts"]): StepReport => ({
      name,
      kind,
      result: "passed",
      observations: proofs
        .filter((proof) => proof.startsWith(`${name}#`))
        .map((proof) => ({
          id: proof.split("#")[1] ?? "",
          result: proof === failing ? "failed" : "passed",
          expected: "",
          observed: "",
        })),
      facts,
    });
    const roles = ["Technical Lead", "DevOps", "deployment lead"];
    const by = [{ person: "ana", signedAt: `${day}T10:00:00.000Z`, comment: "" }];
    const signed = Object.fromEntries(roles.map((role) => [role, by]));
    const steps = [
      ...[...new Set(proofs.map((proof) => proof.split("#")[0] ?? ""))].map((name) =>
        step(name, name, name === "observation" ? { beganAt: "2026-01-11T09:00:00.000Z" } : {}),
      ),
      ...["before", "after"].map((phase) =>
        step(`gate ${phase}`, "sign-off", { phase, roles, signed, waivers: [] }),
      ),
    ];
    return judge(list, steps, day).find((box) => box.id === id)?.verdict;
  };

  it.each(["004-080", "004-082", "004-084"])("counts a signature of %s when the week is over", async (id) => {
    expect(await signedAt("2026-01-11")(id)).toBe("pending");
    expect(await signedAt("2026-01-18")(id)).toBe("signed");
  });

  it.each([
    ["004-080", "latency#products-p95"],
    ["004-082", "rows#index-usage-view"],
    ["004-087", "rows#slow-queries-view"],
    ["004-088", "security#rate-limit"],
    ["004-089", "latency#products-throughput"],
    ["004-091", "build#tests"],
    ["002-004", "announcement#maintenance-users"],
  ])("takes no signature of %s where %s failed", async (id, failing) => {
    expect(await signedAt("2026-01-18")(id)).toBe("signed");
    expect(await signedAt("2026-01-18", failing)(id)).toBe("open");
  });

  it("says that queries use indexes only where each index is there", async () => {
    expect(await signedAt("2026-01-18")("004-059")).toBe("proven");
    expect(await signedAt("2026-01-18", "schema#index-payments-by-user")("004-059")).toBe("open");
  });
});

it.each([
  "hv-consultores",
  "queue-worker",
  "khaacho",
  "pfa-vanguard",
  "support-troubleshooting",
])("what %s may waive where nothing can be looked at, production has to look at", async (system) => {
  const file = join(projectRoot, "examples", system, "Pulumi.production.yaml");
  const { config } = z
    .object({
      config: z.object({
        "greenlight:build": z.object({ reports: z.array(z.looseObject({ name: z.string() })) }),
        "greenlight:browser": z.looseObject({}).default({}),
      }),
    })
    .parse(parse(await readFile(file, "utf8")));
  const audit = config["greenlight:build"].reports.find(({ name }) => name === "audit");
  expect(audit).toBeDefined();
  expect(audit).not.toHaveProperty("offline");
  expect(config["greenlight:browser"]).not.toHaveProperty("enforcement");
});
