// checklist.yaml has every box once, and names as proof only observations that this example's own files lead to. Steps that are
// the same for every system are left to the end-to-end test, which sees a run.
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readJourneys } from "../../../checks/smoke/journey.ts";
import { idsOf } from "../../../checks/smoke/lint.ts";
import { kebab } from "../../../checks/step/kebab.ts";
import { judge, readChecklist } from "../../../report/checklist.ts";
import type { StepReport } from "../../../report/steps.ts";
import { inExample } from "./support/example.ts";

const file = inExample("checklist.yaml");
const { boxes, ...list } = readChecklist(await readFile(file, "utf8"), file);
const proofs = boxes.flatMap((box) => (box.proof === undefined ? [] : [box.proof].flat()));

/** Steps whose observations come from the example's own files. */
const OWN = /^(candidate|smoke|rows|schema|latency|metrics|logs|dashboards|observation)#/;
const TRIAL = [
  ...["restored", "migrated", "started", "stopped"],
  ...["outage-told", "outage-answered", "outage-survived", "outage-recovered"],
  ...["log-normal", "log-failure", "log-secrets", "log-rotated"],
];
const LOGS = [
  "format",
  "levels",
  "errors",
  "fresh",
  "correlation",
  "marker",
  "secrets",
  "search",
  "rotation",
  "retention",
];

const named = z.array(z.union([z.string(), z.object({ name: z.string() })]));

const things = z.array(z.object({ name: z.string() }));
const stackFile = z.object({
  config: z.object({
    "greenlight:latency": z.object({ targets: things }),
    "greenlight:metrics": z.object({ families: things, counts: things }),
    "greenlight:logChecks": z.object({ sources: things }),
    "greenlight:dashboards": z.object({ boards: things }),
    "greenlight:observation": z.object({ marks: z.array(z.object({ name: z.string(), checks: things })) }),
  }),
});

/** Observations that the local stack's settings name. */
async function configured(): Promise<string[]> {
  const { config } = stackFile.parse(parse(await readFile(inExample("Pulumi.local.yaml"), "utf8")));
  const of = (entries: { name: string }[], step: string, forms: (name: string) => string[]) =>
    entries.flatMap(({ name }) => forms(name).map((id) => `${step}#${id}`));
  return [
    ...of(config["greenlight:latency"].targets, "candidate", (name) => [`latency-${name}-p95`]),
    ...of(config["greenlight:latency"].targets, "latency", (name) => [
      `${name}-p95`,
      `${name}-failures`,
      `${name}-baseline`,
    ]),
    ...of(config["greenlight:metrics"].families, "metrics", (name) => [`family-${name}`]),
    ...of(config["greenlight:metrics"].counts, "metrics", (name) => [`counts-${name}`]),
    ...of(config["greenlight:logChecks"].sources, "logs", (name) => LOGS.map((id) => `${name}-${id}`)),
    ...of(config["greenlight:dashboards"].boards, "dashboards", (name) => [
      `defined-${name}`,
      `data-${name}`,
    ]),
    ...config["greenlight:observation"].marks.flatMap((mark) =>
      of(mark.checks, "observation", (name) => [`${mark.name}-${name}`]),
    ),
  ];
}

async function observable(): Promise<Set<string>> {
  const { journeys } = await readJourneys(inExample("smoke", "journeys.yaml"));
  const schema = z
    .object({ tables: named, indexes: named, functions: named, probes: named })
    .parse(parse(await readFile(inExample("schema.yaml"), "utf8")));
  const rows = z.object({ queries: named }).parse(parse(await readFile(inExample("rows.yaml"), "utf8")));
  const names = (entries: z.infer<typeof named>) =>
    entries.map((entry) => kebab(typeof entry === "string" ? entry : entry.name));
  return new Set([
    ...(await configured()),
    "schema#row-security",
    "latency#database-mean",
    "latency#database-slowest",
    ...TRIAL.map((id) => `candidate#${id}`),
    ...journeys.flatMap(idsOf).flatMap((id) => [`smoke#${id}`, `candidate#${id}`]),
    ...names(rows.queries).map((name) => `rows#${name}`),
    ...names(schema.tables).flatMap((name) => [`schema#table-${name}`, `schema#rls-${name}`]),
    ...names(schema.indexes).map((name) => `schema#index-${name}`),
    ...names(schema.functions).map((name) => `schema#function-${name}`),
    ...names(schema.probes).map((name) => `schema#isolation-${name}`),
  ]);
}

/** A run in which everybody signed, two hours after it, and every proof passed but one. */
function signedRun(failing?: string): StepReport[] {
  const names = [...new Set(proofs.map((proof) => proof.split("#")[0] ?? ""))];
  const step = (name: string, kind: string, facts: StepReport["facts"]): StepReport => ({
    name,
    kind,
    result: "passed",
    ran: true,
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
  const roles = boxes.flatMap(({ signoff }) =>
    signoff === undefined ? [] : [typeof signoff === "string" ? signoff : signoff.role],
  );
  const signature = { person: "ana", signedAt: "2026-01-11T05:00:00.000Z", comment: "" };
  const signed = Object.fromEntries(roles.map((role) => [role, [signature]]));
  return [
    ...names.map((name) =>
      step(name, name, name === "observation" ? { beganAt: "2026-01-11T03:00:00.000Z" } : {}),
    ),
    ...(["before", "after"] as const).map((phase) =>
      step(`gate ${phase}`, "sign-off", { phase, roles, signed, waivers: [] }),
    ),
  ];
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

  it("names as proof only what its own files lead to", async () => {
    const known = await observable();
    const own = proofs.filter((proof) => OWN.test(proof));
    expect(own.length).toBeGreaterThan(100);
    expect(own.filter((proof) => !known.has(proof))).toEqual([]);
  });

  it.each([
    ["000-165", "testing verified", "build#tests"],
    ["000-167", "performance verified", "candidate#latency-health-p95"],
    ["000-168", "database backup created", "backup#checksum"],
    ["000-171", "stakeholders notified", "announcement#planned-support"],
    ["000-173", "smoke tests passed", "smoke#rate-limit"],
    ["000-174", "monitoring stable for 1 hour", "observation#two-hours-available"],
    ["000-176", "notification of completion sent", "completion#done-customers"],
  ])("takes no signature of %s, %s, where %s failed", (id, _sentence, failed) => {
    const verdictOf = (failing?: string) =>
      judge({ ...list, boxes }, signedRun(failing), "2026-01-11").find((box) => box.id === id)?.verdict;
    expect(verdictOf()).toBe("signed");
    expect(verdictOf(failed)).toBe("open");
  });

  it.each([
    ["000-024", "smoke#services-mail-arrived"],
    ["000-025", "smoke#services-slack-arrived"],
  ])("takes no credential of %s for renewed that %s shows to be refused", (id, failed) => {
    const verdictOf = (failing?: string) =>
      judge({ ...list, boxes }, signedRun(failing), "2026-01-11").find((box) => box.id === id)?.verdict;
    expect(verdictOf()).toBe("proven");
    expect(verdictOf(failed)).toBe("open");
  });

  it("settles nothing without a run", () => {
    const judged = judge({ ...list, boxes }, [], "2026-01-11");
    const other = judged.filter(({ verdict }) => verdict !== "open").map(({ id, because }) => [id, because]);
    // Nothing was rolled back either.
    const rolledBack = ["000-160", "000-161", "000-162", "000-163"].map((id) => [
      id,
      "nothing was rolled back",
    ]);
    expect(other).toEqual(rolledBack);
  });
});
