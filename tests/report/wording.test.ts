import { describe, expect, it } from "vitest";
import type { BoxVerdict } from "../../report/checklist.ts";
import type { StepReport } from "../../report/steps.ts";
import { missingWords, wordingGaps } from "../../report/wording.ts";

describe("figures of a box's wording", () => {
  it.each([
    ["The build is smaller than 5 MB", "at most 5000000 bytes in all"],
    ["API responses above 1 second", "GreaterThanThreshold 1000"],
    ["More than 90 %", "more than 90 % of lines"],
    ["Logs are kept for 30 days", "kept for at least 30 days"],
    ["A daily backup at 02:00", "backups by the plan 0 2 * * * (UTC)"],
    ["The rate limit of 60 requests a minute", "429 at request 61 within 60 s, none before"],
    ["Rotated at 10 MB", "files of at most 10485760 bytes"],
    ["A limit of 1,000 jobs", "at most 1000 jobs"],
  ])("%s stands in: %s", (item, evidence) => {
    expect(missingWords(item, evidence)).toEqual([]);
  });

  it.each([
    ["The build is smaller than 5 MB", "at most 6000000 bytes in all", "5 MB"],
    ["API responses above 1 second", "GreaterThanThreshold 2000", "1 second"],
    ["More than 90 %", "more than 80 % of lines", "90 %"],
    ["A daily backup at 02:00", "backups by the plan 0 3 * * * (UTC)", "02:00"],
    ["Kept for 30 days", "status 300", "30 days"],
    ["Seven alerts", "an alert", "Seven"],
  ])("%s does not stand in: %s", (item, evidence, word) => {
    expect(missingWords(item, evidence)).toEqual([word]);
  });

  it("are counted as words by the observations too", () => {
    expect(missingWords("The three channels are set up", "arrived", 3)).toEqual([]);
    expect(missingWords("The three channels are set up", "arrived", 2)).toEqual(["three"]);
  });
});

describe("names of a box's wording", () => {
  it.each([
    ["Policies on queue_jobs isolate people", "schema#rls-queue-jobs"],
    ["Alerts reach #alerts in Slack", "calls of slack with #alerts"],
    ["`default-src 'self'` is sent", "content-security-policy: default-src 'self'; …"],
    ["CORS admits https://hv-consultores.com only", "access-control-allow-origin https://hv-consultores.com"],
    ["HSTS: max-age=31536000; includeSubDomains", "max-age=31536000; includeSubDomains"],
  ])("%s stands in: %s", (item, evidence) => {
    expect(missingWords(item, evidence)).toEqual([]);
  });

  it.each([
    ["Policies on queue_jobs isolate people", "schema#rls-deliveries", "queue_jobs"],
    ["Alerts reach #alerts in Slack", "calls of slack", "#alerts"],
    ["HSTS: max-age=31536000; includeSubDomains", "max-age=60", "max-age=31536000"],
  ])("%s does not stand in: %s", (item, evidence, name) => {
    expect(missingWords(item, evidence)).toEqual([name]);
  });
});

describe("a report's gaps", () => {
  const box = (verdict: BoxVerdict["verdict"]): BoxVerdict => ({
    id: "1",
    line: 1,
    item: "At most 1000 jobs",
    verdict,
    because: "",
    proof: ["queue#size"],
  });
  const steps = [
    {
      name: "queue",
      kind: "queue",
      result: "passed",
      observations: [
        { id: "size", result: "passed" as const, expected: "at most 2000 jobs", observed: "3 jobs" },
      ],
      facts: {},
    },
  ] satisfies StepReport[];

  it("are those of boxes that count as proven, by figure", () => {
    expect(wordingGaps([box("proven")], steps)).toEqual([{ box: "1", word: "1000" }]);
    expect(wordingGaps([box("open")], steps)).toEqual([]);
  });

  it("are excused one by one", () => {
    expect(wordingGaps([box("proven")], steps, { "1": { "1000": "why" } })).toEqual([]);
    expect(wordingGaps([box("proven")], steps, { "1": { "30 days": "why" } })).toHaveLength(1);
  });
});
