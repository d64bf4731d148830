import fc from "fast-check";
import { DomUtils, parseDocument } from "htmlparser2";
import { describe, expect, it } from "vitest";
import { renderJunit } from "../../report/junit.ts";
import { renderMarkdown } from "../../report/markdown.ts";
import { renderPlan } from "../../report/plan.ts";
import { assemble, type Report } from "../../report/report.ts";
import type { StepReport } from "../../report/steps.ts";

const observation = (
  id: string,
  result: "passed" | "failed" | "notApplicable" | "inconclusive",
  observed = "200",
) => ({
  id,
  result,
  expected: "status 200",
  observed,
});

function reportOf(steps: StepReport[], errors: string[] = []): Report {
  const names = new Set(steps.filter(({ result }) => result !== "notRun").map(({ name }) => name));
  return assemble({
    system: "orders",
    stack: "production",
    release: "1.2.0",
    engine: "test engine",
    startedAt: new Date("2026-05-04T09:12:30.000Z"),
    finishedAt: new Date("2026-05-04T09:12:40.000Z"),
    changes: { create: 3 },
    steps,
    planned: steps.map(({ name, kind }) => ({ name, kind })),
    visited: names,
    ran: names,
    outputs: {},
    errors,
    ...(errors.length > 0 ? { next: "pulumi up -s production" } : {}),
  });
}

const step = (
  name: string,
  observations: StepReport["observations"],
  rest: Partial<StepReport> = {},
): StepReport => ({
  name,
  kind: name,
  result: observations.some(({ result }) => result === "failed") ? "failed" : "passed",
  observations,
  facts: {},
  startedAt: "2026-05-04T09:12:33.000Z",
  durationSeconds: 2.5,
  ...rest,
});

/** Suites with their cases, as a CI system reads them. */
function junitOf(report: Report) {
  const document = parseDocument(renderJunit(report), { xmlMode: true });
  return DomUtils.getElementsByTagName("testsuite", document).map((suite) => ({
    ...suite.attribs,
    cases: DomUtils.getElementsByTagName("testcase", suite).map((one) => {
      const [outcome] = DomUtils.getElementsByTagName(() => true, one.children, false);
      return `${one.attribs.classname} ${one.attribs.name}: ${outcome ? `${outcome.name} ${outcome.attribs.message}` : "passed"}`;
    }),
  }));
}

/** Every sign that a string can hold, halves of pairs included. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
  .map((signs) => String.fromCharCode(...signs));

describe("JUnit", () => {
  it("has a suite a step and a case an observation, with what was seen and wanted", () => {
    const mixed = [
      observation("up", "passed"),
      observation("queue", "failed", "503"),
      observation("mail", "inconclusive", "no data"),
    ];
    expect(junitOf(reportOf([step("health", mixed)]))).toEqual([
      {
        name: "health",
        tests: "3",
        failures: "1",
        errors: "0",
        skipped: "1",
        time: "2.5",
        timestamp: "2026-05-04T09:12:33.000Z",
        cases: [
          "health up: passed",
          "health queue: failure 503, want status 200",
          "health mail: skipped inconclusive: no data, want status 200",
        ],
      },
    ]);
  });

  it("shows steps that did not run and steps that broke before they looked", () => {
    const broken = step("release", [], { result: "failed", message: 'release "orders": command not found' });
    const absent = step("smoke", [], { result: "notRun" });
    expect(junitOf(reportOf([broken, absent], ["release failed"])).flatMap(({ cases }) => cases)).toEqual([
      'release ran: error release "orders": command not found',
      "smoke ran: skipped not run",
    ]);
  });

  it.each([
    ["outside of every step", step("health", [observation("up", "passed")])],
    ["for want of data", step("health", [observation("up", "inconclusive")], { result: "inconclusive" })],
    [
      "beside an accepted fault",
      step("health", [observation("up", "failed")], { accepted: ["up: 503; advisory"] }),
    ],
  ])("shows an update that failed %s as an error", (_where, shown) => {
    const [, update] = junitOf(reportOf([shown], ["bucket orders-backups: AccessDenied"]));
    expect(update).toMatchObject({ name: "update", tests: "1", errors: "1", time: "10" });
    expect(update?.cases).toEqual(["update ran: error bucket orders-backups: AccessDenied"]);
  });

  it("shows a step that the engine was killed in", () => {
    const message = "was under way when the engine ended";
    const [release] = junitOf(reportOf([step("release", [], { result: "inconclusive", message })]));
    expect(release).toMatchObject({ tests: "1", skipped: "1" });
    expect(release?.cases).toEqual([`release ran: skipped inconclusive: ${message}`]);
  });

  it("is well formed and complete whatever was observed", () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 5 }), (texts) => {
        const observations = texts.map((text, index) => observation(`o${index}`, "failed", text));
        const report = reportOf([step("health", observations)]);
        const xml = renderJunit(report);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML cannot hold
        expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
        expect(xml.match(/<testcase /g)).toHaveLength(texts.length);
        expect(junitOf(report)[0]?.cases).toHaveLength(texts.length);
      }),
      { numRuns: 50 },
    );
  });
});

describe("Markdown", () => {
  it("tells the verdict, the reasons, each step and the next command", () => {
    const steps = [
      step("health", [observation("up", "failed", "503")]),
      step("smoke", [], { result: "notRun" }),
    ];
    expect(renderMarkdown(reportOf(steps, ['health "orders": up: 503, want status 200']))).toBe(
      [
        "## ❌ orders 1.2.0 on production: failed",
        "2026-05-04T09:12:30.000Z, 10 s, test engine, 3 create",
        '### Why\n\n- health "orders": up: 503, want status 200',
        "| Step | Time | Evidence |\n|---|---:|---|\n| ❌ health | 2.5 s | 0 of 1 observations passed |\n| ⏸️ smoke |  | not run |",
        "Next: `pulumi up -s production`\n",
      ].join("\n\n"),
    );
  });

  it("tells what is different, who signed and the way back, in brief", () => {
    const since = { key: "records/1.json", release: "1.1.0", recordedAt: "2026-05-03T09:00:00.000Z" };
    const settings = Array.from({ length: 12 }, (_, index) => ({ name: `s${index}`, from: "1", to: "2" }));
    const migrations = [
      { name: "0002 bills", from: null, to: "abc" },
      { name: "0001 old", from: "abc", to: null },
    ];
    const summary = renderMarkdown({
      ...reportOf([step("health", [observation("up", "passed")])]),
      differences: {
        since,
        settings,
        migrations,
        parts: [],
        versions: [],
        site: null,
        steps: [],
        boxes: null,
      },
      signOffs: {
        signed: [
          {
            gate: "sign-off",
            role: "Lead",
            person: "ana",
            decision: "go",
            signedAt: "2026-05-04T09:00:00Z",
            subject: "",
            comment: "",
          },
        ],
        missing: [{ gate: "acceptance", role: "Owner" }],
        refused: [],
      },
      wayBack: {
        target: since,
        commands: [
          { does: "shows", command: "npx greenlight rollback -s production --to records/1.json --preview" },
        ],
        ...{ reason: null, needless: null, undone: [], lost: [], impossible: [], expected: null },
      },
    });
    expect(summary).toContain(
      "### Different from 1.1.0 of 2026-05-03T09:00:00.000Z\n\n- Migrations: 0002 bills (new), 0001 old (gone)\n- Settings: s0 (1 → 2)",
    );
    expect(summary).toContain("s9 (1 → 2), and 2 more");
    expect(summary).toContain("- Lead: go, ana at 2026-05-04T09:00:00Z\n- Owner: still to sign (acceptance)");
    expect(summary).toContain(
      "To 1.1.0: `npx greenlight rollback -s production --to records/1.json --preview`",
    );
  });

  it("lets nothing that was observed become a cell, a tag, a link or a mention", () => {
    const error = "a | b <script> [x](http://evil) @everyone\n# head `code`";
    expect(renderMarkdown(reportOf([step("health", [observation("up", "failed")])], [error]))).toContain(
      "- a \\| b \\<script\\> \\[x\\](http://evil) @\u200beveryone\n- \\# head \\`code\\`\n",
    );
  });

  it("shows what was observed as it is written, also where it has the name of a sign", () => {
    const summary = renderMarkdown(reportOf([], ["GET /?a=1&lt;2 answers &copy; & more"]));
    expect(summary).toContain("- GET /?a=1\\&lt;2 answers \\&copy; \\& more");
  });

  it("stays short enough for a comment", () => {
    const errors = Array.from({ length: 5000 }, (_, index) => `fault ${index} `.repeat(200));
    const summary = renderMarkdown(reportOf([step("health", [observation("up", "failed")])], errors));
    expect(summary.length).toBeLessThan(65_536);
    expect(summary).toContain("- and 4980 more");
  });
});

describe("the summary of a preview", () => {
  const found = Array.from(
    { length: 150 },
    (_, index) => `0001_orders.sql:${index}: ${"a_column ".repeat(40)}`,
  );
  const plan = {
    system: "orders",
    stack: "production",
    changes: { create: 120 },
    resources: Array.from({ length: 120 }, (_, index) => ({
      op: "create",
      type: "aws:s3/bucket:Bucket",
      name: `b_${index}`,
    })),
    steps: [{ name: "migration", op: "create", plan: found }],
    errors: found,
  };

  it("fits into a comment whatever was found, and says how much is left out", () => {
    const summary = renderPlan(plan);
    expect(summary.length).toBeLessThan(65_536);
    const [, why = "", steps = ""] = summary.split("\n### ");
    for (const part of [why, steps]) {
      const shown = part.match(/^ *- 0001/gm)?.length ?? 0;
      expect(part).toMatch(new RegExp(`\\n- and ${150 - shown} more`));
    }
    expect(summary).toContain("| | and 20 more | |");
  });

  it("has a line for each fault, also of those that are told at once", () => {
    const faults = [
      "3 faults in Pulumi.production.yaml:",
      ...Array(3).fill(`  12: ${"long ".repeat(40)}end`),
    ];
    const errors = [`${faults.join("\n")}\n`];
    const shown = [renderPlan({ ...plan, errors }), renderMarkdown(reportOf([], errors))];
    for (const summary of shown) expect(summary.match(/^- 12: .*end$/gm)).toHaveLength(3);
  });

  it("shows all of it where there is room", () => {
    const summary = renderPlan({ ...plan, errors: found.slice(0, 5), resources: [], steps: [] });
    expect(summary.match(/^- 0001/gm)).toHaveLength(5);
    expect(summary).not.toContain("more");
  });
});
