// The report as JUnit XML, which CI systems show: a suite a step, a case an observation. The shape is the one that GitLab,
// Jenkins and the GitHub actions read (testsuites, testsuite, testcase, failure, skipped).
import { type Markup, markup } from "./markup.ts";
import type { Report } from "./report.ts";
import type { Observation, StepReport } from "./steps.ts";
import { word } from "./words.ts";

/**
 * Steps that did not run are suites with one skipped case, so that none goes missing; what failed outside of every step, e.g. a
 * bucket that could not be made, is one of its own.
 */
export function renderJunit(report: Report): string {
  const isOfStep = report.steps.some(({ result, accepted }) => result === "failed" && accepted === undefined);
  const suites = [
    ...report.steps.map(suite),
    ...(report.errors.length > 0 && !isOfStep ? [suite(outsideOf(report))] : []),
  ];
  const tally = sum(suites.map(({ counts }) => counts));
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${`${report.system} ${report.release} on ${report.stack}`}" tests="${tally.tests}" failures="${tally.failures}" errors="${tally.errors}" skipped="${tally.skipped}" time="${report.durationSeconds}">
${suites.map(({ xml }) => xml)}</testsuites>
`.html;
}

interface Tally {
  tests: number;
  failures: number;
  errors: number;
  skipped: number;
}

function suite(step: StepReport): { xml: Markup; counts: Tally } {
  const cases = step.observations.map((observation) => ({
    counts: tallyOf(observation),
    xml: testcase(step.name, observation),
  }));
  // One that did not run, or that the engine was killed in.
  if (step.observations.length === 0 && step.result !== "failed")
    cases.push({
      counts: { tests: 1, failures: 0, errors: 0, skipped: 1 },
      xml: markup`<testcase classname="${step.name}" name="ran"><skipped message="${inXml(reasonOf(step))}"/></testcase>\n`,
    });
  // A step that broke before it observed anything has only its message.
  if (step.result === "failed" && !step.observations.some(({ result }) => result === "failed"))
    cases.push({
      counts: { tests: 1, failures: 0, errors: 1, skipped: 0 },
      xml: markup`<testcase classname="${step.name}" name="ran"><error message="${inXml(step.message ?? "failed")}"/></testcase>\n`,
    });
  const counts = sum(cases.map((one) => one.counts));
  const times = step.startedAt === undefined ? "" : markup` timestamp="${step.startedAt}"`;
  return {
    counts,
    xml: markup`<testsuite name="${step.name}" tests="${counts.tests}" failures="${counts.failures}" errors="${counts.errors}" skipped="${counts.skipped}" time="${step.durationSeconds ?? 0}"${times}>
${cases.map(({ xml }) => xml)}</testsuite>
`,
  };
}

function outsideOf({ errors, startedAt, durationSeconds }: Report): StepReport {
  const shared = { name: "update", kind: "update", observations: [], facts: {}, startedAt, durationSeconds };
  return { ...shared, result: "failed", message: errors.join("\n") };
}

function reasonOf({ result, message }: StepReport): string {
  return message === undefined ? word(result) : `${word(result)}: ${message}`;
}

function testcase(step: string, { id, result, expected, observed }: Observation): Markup {
  const told = `${inXml(observed)}, want ${inXml(expected)}`;
  const outcome =
    result === "passed"
      ? undefined
      : result === "failed"
        ? markup`<failure message="${told}"/>`
        : markup`<skipped message="${`${result}: ${told}`}"/>`;
  return markup`<testcase classname="${step}" name="${id}">${outcome}</testcase>\n`;
}

function tallyOf({ result }: Observation): Tally {
  const skipped = result === "notApplicable" || result === "inconclusive" ? 1 : 0;
  return { tests: 1, failures: result === "failed" ? 1 : 0, errors: 0, skipped };
}

function sum(tallies: Tally[]): Tally {
  const add = (a: Tally, b: Tally): Tally => ({
    tests: a.tests + b.tests,
    failures: a.failures + b.failures,
    errors: a.errors + b.errors,
    skipped: a.skipped + b.skipped,
  });
  return tallies.reduce(add, { tests: 0, failures: 0, errors: 0, skipped: 0 });
}

/** XML 1.0 has no way to write most control characters. */
function inXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
}
