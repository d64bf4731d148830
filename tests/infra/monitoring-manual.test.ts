// The manual's table of rules says what the rules are.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { USUAL_SOURCES } from "../../infra/agent-metrics.ts";
import { KINDS, RULE_NAMES } from "../../infra/alarm-rules.ts";

const text = readFileSync(new URL("../../docs/monitoring.md", import.meta.url), "utf8");
const rows = [...text.matchAll(/^\| (\w+) \| (\w+) \| (.+?) \| (.+?) \|$/gm)].filter(
  ([, rule]) => rule !== "Rule",
);
const MISSING = {
  missing: "told as INSUFFICIENT_DATA",
  notBreaching: "nothing wrong",
  breaching: "ALARM",
} as const;

describe("docs/monitoring.md", () => {
  it("lists every rule with its metric and what its silence means", () => {
    expect(rows.map(([, rule, metric, , silence]) => [rule, metric, silence])).toEqual(
      RULE_NAMES.map((rule) => [rule, KINDS[rule].metricName, MISSING[KINDS[rule].missing]]),
    );
  });

  it("says which rules need a source of the stack", () => {
    const needing = rows.flatMap(([, rule, , source]) => (source === "a source of the stack" ? [rule] : []));
    expect(needing).toEqual(RULE_NAMES.filter((rule) => rule !== "agent" && !USUAL_SOURCES[rule]));
  });
});
