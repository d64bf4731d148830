// Which folders are example systems, and how their reports are summed up.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Console } from "../../greenlight/console.ts";
import { documentOf, documentOfAll, exampleSystems } from "../../greenlight/examples.ts";
import { projectRoot } from "../../local/services/layout.ts";
import type { Counts } from "../../report/checklist.ts";
import type { Report } from "../../report/report.ts";

function reportOf(system: string, counts: Counts): Report {
  return {
    ...{ format: 1, system, stack: "local", release: "1", verdict: "proven", engine: "embedded" },
    ...{ startedAt: "2026-01-11T08:00:00Z", finishedAt: "2026-01-11T08:00:30Z", durationSeconds: 30 },
    ...{ changes: {}, steps: [], outputs: {}, errors: [], notes: [], notices: [] },
    signOffs: { signed: [], missing: [], refused: [] },
    checklist: { title: system, counts, boxes: [] },
  };
}

const one = reportOf("one", {
  ...{ total: 6, proven: 3, signed: 1, waived: 0, notApplicable: 1, pending: 1, open: 0 },
});
const two = reportOf("two", {
  ...{ total: 4, proven: 2, signed: 0, waived: 1, notApplicable: 0, pending: 0, open: 1 },
});

describe("the example systems", () => {
  it("are the folders with a Pulumi.yaml", () => {
    const systems = exampleSystems(join(projectRoot, "examples"));
    expect(systems).toContain("hv-consultores");
    expect(systems).not.toContain("parts");
  });
});

describe("a document", () => {
  it("of one system has the seven counts beside its boxes", () => {
    expect(documentOf(one).checklist).toEqual({
      ...{ total: 6, proven: 3, signed: 1, waived: 0, notApplicable: 1, pending: 1, open: 0 },
      ...{ title: "one", boxes: [] },
    });
  });

  it("of a system without a checklist counts nothing", () => {
    const { checklist: _, ...without } = one;
    expect(documentOf(without).checklist).toMatchObject({ total: 0, open: 0 });
  });

  it("of several has each system's and the sum of all", () => {
    const document = documentOfAll([one, two]);
    expect(document.systems.two?.checklist.total).toBe(4);
    expect(document.checklist).toEqual({
      ...{ total: 10, proven: 5, signed: 1, waived: 1, notApplicable: 1, pending: 1, open: 1 },
    });
  });
});

describe("the table", () => {
  it("has a line for each system and one for all", () => {
    let text = "";
    new Console({ write: (part) => (text += part) }).table([one, two]);
    const lines = text.trimEnd().split("\n").slice(2);
    expect(lines.map((line) => line.trim().split(/\s{2,}/))).toEqual([
      ["one", "proven", "30 s", "6", "3", "1", "0", "1", "1", "0"],
      ["two", "proven", "30 s", "4", "2", "0", "1", "0", "0", "1"],
      ["all", "proven", "60 s", "10", "5", "1", "1", "1", "1", "1"],
    ]);
  });
});
