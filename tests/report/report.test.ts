import { describe, expect, it } from "vitest";
import { judge, readChecklist } from "../../report/checklist.ts";
import { renderHtml } from "../../report/html.ts";
import { renderJunit } from "../../report/junit.ts";
import { assemble, type ReportParts } from "../../report/report.ts";
import { type StepReport, stepsOf } from "../../report/steps.ts";
import { seconds } from "../../report/timeline.ts";

const smoke: StepReport = {
  name: "smoke",
  kind: "smoke",
  result: "passed",
  observations: [{ id: "rule-create", result: "passed", expected: "201", observed: "201" }],
  facts: { journeys: 1 },
  startedAt: "2026-05-04T09:12:33.000Z",
  finishedAt: "2026-05-04T09:12:35.500Z",
  durationSeconds: 2.5,
};

const parts: ReportParts = {
  system: "orders",
  stack: "local",
  release: "1.2.0",
  engine: "test engine",
  startedAt: new Date("2026-05-04T09:12:30.000Z"),
  finishedAt: new Date("2026-05-04T09:12:40.000Z"),
  changes: { create: 1 },
  steps: [smoke],
  planned: [{ name: "smoke", kind: "smoke" }],
  visited: new Set(["smoke"]),
  ran: new Set(["smoke"]),
  checklist: readChecklist(
    `title: Orders\nboxes:\n- {id: "1", line: 3, item: Rules can be made, proof: "smoke#rule-create"}\n- {id: "2", line: 4, item: Approved, signoff: Tech Lead}`,
    "checklist.yaml",
  ),
  outputs: { site: "http://127.0.0.1/" },
  errors: [],
};

function boxOf(proof: string, steps: StepReport[]) {
  const list = readChecklist(
    `title: t\nboxes: [{id: a, line: 1, item: i, proof: ${JSON.stringify(proof)}}]`,
    "c.yaml",
  );
  return judge(list, steps, "2026-05-04")[0];
}

describe("judge", () => {
  it("proves a box by an observation that passed", () => {
    expect(boxOf("smoke#rule-create", [smoke])).toMatchObject({ verdict: "proven", because: "201" });
  });

  it.each([
    "failed",
    "inconclusive",
    "notApplicable",
  ] as const)("leaves a box open when its observation is %s", (result) => {
    const step = { ...smoke, observations: smoke.observations.map((o) => ({ ...o, result })) };
    expect(boxOf("smoke#rule-create", [step])?.verdict).toBe("open");
  });

  it.each([
    ["failed", "passed"],
    ["passed", "failed"],
    ["notApplicable", "passed"],
  ] as const)("leaves a box open when of two observations of one name the first %s and the second %s", (...both) => {
    const of = (result: (typeof both)[number]) => smoke.observations.map((o) => ({ ...o, result }));
    const step = { ...smoke, observations: both.flatMap(of) };
    expect(boxOf("smoke#rule-create", [step])?.verdict).toBe("open");
  });

  it("says whether the step did not run or did not look", () => {
    expect(boxOf("smoke#rule-edit", [smoke])?.because).toBe("smoke ran and did not observe smoke#rule-edit");
    expect(boxOf("alarms#test-fire", [smoke])?.because).toBe("alarms did not run");
  });

  it("is pending while an observation is good so far and due later, unless another one is missing", () => {
    const due = {
      ...smoke,
      observations: smoke.observations.map((o) => ({
        ...o,
        result: "inconclusive" as const,
        pendingUntil: "2030-01-01T00:00:00Z",
      })),
    };
    expect(boxOf("smoke#rule-create", [due])).toMatchObject({
      verdict: "pending",
      because: expect.stringContaining("due at 2030"),
    });
  });

  const gate = (signed: { [role: string]: object[] }, waivers: object[] = []): StepReport => ({
    ...smoke,
    name: "sign-off",
    kind: "sign-off",
    observations: [],
    facts: { phase: "before", roles: ["Tech Lead", "Owner"], signed, waivers },
  });
  const judged = (way: string, steps: StepReport[], today = "2026-05-04") =>
    judge(readChecklist(`title: t\nboxes: [{id: a, line: 1, item: i, ${way}}]`, "c"), steps, today)[0];
  const ana = { person: "ana", signedAt: "2026-05-04T09:00:00Z", comment: "" };

  it("signs a box by a signature that a gate of this run verified, and by nothing else", () => {
    const steps = [gate({ "Tech Lead": [ana] })];
    expect(judged("signoff: Tech Lead", steps)).toMatchObject({
      verdict: "signed",
      because: expect.stringContaining("ana at"),
    });
    expect(judged("signoff: {role: Tech Lead, phase: after}", steps)?.verdict).toBe("open");
    expect(judged("signoff: Owner", steps)?.verdict).toBe("open");
    expect(judged("signoff: Tech Lead", [])?.because).toContain("no gate of this run asks for it");
    expect(judged("signoff: Tech Lead", [{ ...gate({ "Tech Lead": [ana] }), kind: "smoke" }])?.verdict).toBe(
      "open",
    );
  });

  const accepted = (signedAt: string): StepReport => {
    const own = { ...ana, signedAt };
    const facts = { phase: "after", roles: ["Owner"], signed: { Owner: [own] }, waivers: [] };
    return { ...gate({}), name: "acceptance", facts };
  };
  const watched: StepReport = {
    ...smoke,
    name: "observation",
    kind: "observation",
    observations: [],
    facts: { beganAt: "2026-05-04T09:00:00.000Z" },
  };
  const WEEK = "signoff: {role: Owner, phase: after, afterMinutes: 10080}";

  it("counts a signature about a week only when the week is over", () => {
    const early = [watched, accepted("2026-05-04T09:30:00Z")];
    expect(judged(WEEK, early)).toMatchObject({
      verdict: "pending",
      because: expect.stringContaining("given after 2026-05-11T09:00:00.000Z"),
    });
    expect(judged(WEEK, early, "2026-05-12")?.verdict).toBe("open");
    expect(judged(WEEK, [watched, accepted("2026-05-11T08:59:59Z")], "2026-05-12")?.verdict).toBe("open");
    expect(judged(WEEK, [watched, accepted("2026-05-11T09:00:00Z")], "2026-05-11")?.verdict).toBe("signed");
  });

  it("does not guess when a release began that nothing watches", () => {
    expect(judged(WEEK, [accepted("2027-05-11T09:00:00Z")])?.because).toContain("nothing says when");
  });

  it("wants both of a box with a proof and a signature", () => {
    const way = "proof: smoke#rule-create, signoff: Tech Lead";
    const failed = {
      ...smoke,
      observations: smoke.observations.map((o) => ({ ...o, result: "failed" as const })),
    };
    expect(judged(way, [smoke, gate({ "Tech Lead": [ana] })])).toMatchObject({
      verdict: "signed",
      because: "Tech Lead: ana at 2026-05-04T09:00:00Z; 201",
      proof: ["smoke#rule-create", "sign-off"],
    });
    expect(judged(way, [smoke, gate({})])?.verdict).toBe("open");
    expect(judged(way, [failed, gate({ "Tech Lead": [ana] })])?.verdict).toBe("open");
  });

  it.each([
    "proof: a#b, signoff: Owner, waived: w",
    "signoff: Owner, waived: w",
    "proof: a#b, open: o",
    "proof: a#b, notApplicable: n",
    "signoff: {role: Owner, phase: before, afterMinutes: 60}",
  ])("refuses a box with %s", (way) => {
    expect(() => judged(way, [])).toThrow(/boxes.0/);
  });

  it("waives a box by a signed waiver until the day before it expires, and not by the map alone", () => {
    const waiver = { box: "a", person: "ana", role: "Owner", reason: "r", expires: "2026-05-05" };
    const steps = [gate({}, [waiver])];
    expect(judged("waived: too early", [])?.verdict).toBe("open");
    expect(judged("waived: too early", steps)?.verdict).toBe("waived");
    expect(judged("open: not yet", steps)).toMatchObject({
      verdict: "waived",
      because: "ana (Owner) until 2026-05-05: r",
    });
    expect(judged("open: not yet", steps, "2026-05-05")?.verdict).toBe("open");
  });

  it.each([
    ["passed", "proven"],
    ["notApplicable", "waived"],
    ["inconclusive", "waived"],
    ["failed", "open"],
  ] as const)("judges a box with a proof that %s and a signed waiver beside it as %s", (result, verdict) => {
    const waiver = { box: "a", person: "ana", role: "Owner", reason: "r", expires: "2026-05-05" };
    const audit = { id: "audit", result, expected: "0 high", observed: "0 high" };
    const build: StepReport = { ...gate({}, []), name: "build", kind: "build", observations: [audit] };
    const steps = [gate({}, [waiver]), build];
    expect(judged("proof: build#audit, waived: no registry", steps)?.verdict).toBe(verdict);
    expect(judged("proof: build#audit, waived: no registry", [build])?.verdict).toBe(
      verdict === "proven" ? "proven" : "open",
    );
    expect(judged("proof: build#lint, waived: no registry", steps)?.verdict).toBe("open");
  });

  it.each([
    [["notApplicable", "notApplicable"], "notApplicable"],
    [["notApplicable", "passed"], "open"],
    [["notApplicable", "failed"], "open"],
    [["notApplicable", "inconclusive"], "open"],
    [["failed", "failed"], "open"],
    [["passed", "passed"], "proven"],
  ] as const)("judges a box of an update alone, of which %j is observed, as %s", (results, verdict) => {
    const observations = results.map((result, index) => ({
      ...{ id: `flag-${index}`, result, expected: "false", observed: `no table ${index}` },
    }));
    const steps: StepReport[] = [{ ...smoke, name: "quiesce", kind: "quiesce", observations }];
    const way = 'proof: ["quiesce#flag-0", "quiesce#flag-1"]';
    expect(judged(`only: update, ${way}`, steps)?.verdict).toBe(verdict);
    // Any other box is not excused by what could not be looked at.
    expect(judged(way, steps)?.verdict).toBe(verdict === "proven" ? "proven" : "open");
    if (verdict === "notApplicable")
      expect(judged(`only: update, ${way}`, steps)).toMatchObject({
        because: "no table 0; no table 1",
        proof: ["quiesce#flag-0", "quiesce#flag-1"],
      });
  });

  it.each([
    [["notApplicable", "passed"], "proven", ["rehearsal#1"]],
    [["notApplicable", "notApplicable"], "notApplicable", ["rehearsal#0", "rehearsal#1"]],
    [["notApplicable", "failed"], "open", ["rehearsal#1"]],
    [["passed", "passed"], "proven", ["rehearsal#0", "rehearsal#1"]],
    [["passed", "inconclusive"], "open", ["rehearsal#0", "rehearsal#1"]],
  ] as const)("judges a box of migrations alone, of which %j is observed, as %s", (results, verdict, proof) => {
    const observations = results.map((result, index) => ({
      ...{ id: String(index), result, expected: "reversible", observed: "nothing is pending" },
    }));
    const steps: StepReport[] = [{ ...smoke, name: "rehearsal", kind: "rehearsal", observations }];
    const way = 'only: migration, proof: ["rehearsal#0", "rehearsal#1"]';
    expect(judged(way, steps)).toMatchObject({ verdict, proof });
    expect(judged(way, [])?.verdict).toBe("open");
  });

  it("leaves a box of an update alone open when nothing looked, or when it is open by itself", () => {
    expect(judged("only: update, proof: quiesce#flag", [])?.verdict).toBe("open");
    expect(judged("only: update, proof: smoke#other", [smoke])?.verdict).toBe("open");
    expect(judged("only: update, open: not yet", [smoke])?.verdict).toBe("open");
  });

  it("judges a box of a rollback alone when the database was taken back, and else as not applicable", () => {
    const failed = smoke.observations.map((one) => ({ ...one, result: "failed" as const }));
    const reversal: StepReport = { ...smoke, name: "reversal", kind: "reversal", observations: [] };
    const way = "only: rollback, proof: smoke#rule-create";
    for (const step of [smoke, { ...smoke, observations: failed }])
      expect(judged(way, [step])).toMatchObject({
        verdict: "notApplicable",
        because: "nothing was rolled back",
      });
    expect(judged(way, [smoke, reversal])?.verdict).toBe("proven");
    expect(judged(way, [{ ...smoke, observations: failed }, reversal])?.verdict).toBe("open");
  });
});

describe("readChecklist", () => {
  it.each([
    ["boxes: [{id: a, line: 1, item: i}]", "boxes.0: must have exactly one of"],
    ["boxes: [{id: a, line: 1, item: i, open: x, signoff: y}]", "boxes.0: must have exactly one of"],
    ["boxes: [{id: a, line: 1, item: i, proof: smoke}]", "boxes.0.proof"],
    ["boxes: [{id: a, line: 1, item: i, open: x}, {id: a, line: 2, item: i, open: x}]", '"a" is there twice'],
    ["boxes: []", "boxes"],
  ])("refuses %s", (yaml, fault) => {
    expect(() => readChecklist(`title: t\n${yaml}`, "checklist.yaml")).toThrow(fault);
  });
});

describe("a checklist that nobody can read", () => {
  it.each([
    ["title: a\ntitle: b\n", /^docs\/checklist\.yaml:2: Map keys must be unique/],
    ["title: a\nboxes:\n  - {id: a,\n", /^docs\/checklist\.yaml:\d: /],
    ["", /^docs\/checklist\.yaml: the whole file: /],
  ])("is named with its file and line: %j", (yaml, fault) => {
    expect(() => readChecklist(yaml, "docs/checklist.yaml")).toThrow(fault);
  });
});

describe("assemble", () => {
  it("takes no evidence of a step that a rollback going on has not reached", () => {
    const planned = [{ name: "reversal", kind: "reversal" }];
    const visited = new Set(["reversal"]);
    const { steps, checklist } = assemble({ ...parts, planned, visited, ran: visited, errors: ["broken"] });
    expect(steps.map(({ name, result }) => `${name} ${result}`)).toContain("smoke notRun");
    expect(checklist?.counts.proven).toBe(0);
  });

  it("is proven when every step passed and no box is open", () => {
    const report = assemble(parts);
    expect(report.checklist?.counts).toMatchObject({ total: 2, proven: 1, open: 1 });
    expect(report.verdict).toBe("incomplete");
    const { checklist, ...without } = parts;
    if (checklist === undefined) throw new Error("no checklist");
    const boxes = checklist.boxes.slice(0, 1);
    expect(assemble({ ...parts, checklist: { ...checklist, boxes } }).verdict).toBe("proven");
    expect(assemble(without).verdict).toBe("proven");
  });

  it("treats evidence of a step that this update never came to as not run", () => {
    const report = assemble({ ...parts, visited: new Set(), ran: new Set(), errors: ["smoke: late"] });
    expect(report.steps[0]?.result).toBe("notRun");
    expect(report).toMatchObject({ verdict: "failed", checklist: { counts: { proven: 0, open: 2 } } });
  });

  it.each([
    ["an earlier update", [{ ...smoke, startedAt: "2026-05-03T09:12:33.000Z" }]],
    ["nothing at all", []],
  ])("treats a step that ran and left %s in the state as failed, and proves no box by it", (_what, steps) => {
    // As one whose process ended, or whose inputs turned out wrong: the engine keeps what was there.
    const report = assemble({ ...parts, steps, errors: ["smoke: error reading from server: EOF"] });
    expect(report.steps).toMatchObject([{ name: "smoke", result: "failed", observations: [], ran: true }]);
    expect(report.checklist?.counts).toMatchObject({ proven: 0, open: 2 });
    expect(renderJunit(report)).toContain('tests="1" failures="0" errors="1"');
  });

  it("is incomplete where there is no step: nothing was looked at", () => {
    const { checklist: _, ...without } = parts;
    expect(assemble({ ...without, steps: [], planned: [] }).verdict).toBe("incomplete");
    expect(assemble(without).verdict).toBe("proven");
  });

  it("is incomplete when a planned step has no evidence", () => {
    expect(
      assemble({ ...parts, planned: [...parts.planned, { name: "alarms", kind: "alarms" }] }).verdict,
    ).toBe("incomplete");
  });
});

describe("a duration", () => {
  it.each([
    [0.44, "0.4 s"],
    [12.4, "12 s"],
    [120, "2 min"],
    [179.7, "3 min"],
    [185.2, "3 min 5 s"],
  ])("of %f seconds is %s for people", (duration, told) => {
    expect(seconds(duration)).toBe(told);
  });
});

describe("stepsOf", () => {
  it("reads steps from an exported stack and leaves everything else", () => {
    const { name, kind, result, observations, facts, startedAt, finishedAt, durationSeconds } = smoke;
    const outputs = {
      name,
      kind,
      result,
      observations,
      facts,
      startedAt,
      finishedAt,
      durationSeconds,
      digest: "x",
    };
    const exported = {
      resources: [
        {
          urn: "urn:pulumi:local::orders::aws:s3/bucket:Bucket::b",
          type: "aws:s3/bucket:Bucket",
          outputs: {},
        },
        {
          urn: "urn:pulumi:local::orders::x::smoke",
          type: "pulumi-nodejs:dynamic/greenlight:Smoke",
          outputs,
          initErrors: ["late"],
        },
      ],
    };
    expect(stepsOf(exported)).toEqual([{ ...smoke, message: "late" }]);
  });
});

describe("renderHtml", () => {
  it("shows the verdict, every step and every box, and lets no text become markup", () => {
    const evil = { ...smoke, facts: { note: "<script>alert(1)</script>" } };
    const html = renderHtml(assemble({ ...parts, steps: [evil] }));
    expect(html).toContain("Nothing failed, but there is no step, a step has no evidence, or a box is open.");
    expect(html).toContain("Rules can be made");
    expect(html).not.toContain("<script>alert(1)");
  });

  it("names the failure and the next command", () => {
    const html = renderHtml(
      assemble({ ...parts, errors: ['smoke "smoke": 500'], next: "pulumi up -s local" }),
    );
    expect(html).toContain("This release is not proven.");
    expect(html).toContain("smoke &#34;smoke&#34;: 500");
    expect(html).toContain("pulumi up -s local");
  });
});

describe("a fault that was accepted", () => {
  const failed = { ...smoke, result: "failed" } satisfies StepReport;
  const accepted = ["rule-create: 500, want 201; waived by Ana until 2030-01-01: known"];

  it("leaves the release incomplete instead of failed, and is shown with who accepted it", () => {
    expect(assemble({ ...parts, steps: [failed] }).verdict).toBe("failed");
    const report = assemble({ ...parts, steps: [{ ...failed, accepted }] });
    expect(report.verdict).toBe("incomplete");
    expect(renderHtml(report)).toContain(`Accepted: ${accepted[0]}`);
  });
});
