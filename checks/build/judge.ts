// What a report says, held against what it must say. A report that cannot be read is inconclusive, never good.
import { stripVTControlCharacters } from "node:util";
import { Parser } from "htmlparser2";
import { z } from "zod";
import { type Facts, type Observation, observe } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";
import type { BuildReport } from "./report.ts";

/** A report as it was found. */
export interface Found {
  text: string;
  /** Of the command that made it; undefined when it was made elsewhere and that did not say. */
  exitCode: number | undefined;
}

export interface Judged {
  observation: Observation;
  facts: Facts;
}

interface Verdict {
  passed: boolean;
  expected: string;
  observed: string;
  facts: Facts;
}

/** A registry that could not be asked said nothing about vulnerabilities. */
class NoAnswer extends Error {}

type Judge = (report: BuildReport, found: Found) => Verdict;

export function judgeReport(report: BuildReport, found: Found): Judged {
  const { name: id } = report;
  // Colours stand between the words that are looked for: FORCE_COLOR, which CI sets, and `tsc --pretty` write them into files.
  const plain = { ...found, text: stripVTControlCharacters(found.text) };
  try {
    const { passed, expected, observed, facts } = JUDGES[report.kind](report, plain);
    return { observation: observe(id, passed, expected, observed), facts };
  } catch (error) {
    const expected = `a ${report.kind} report`;
    const result = error instanceof NoAnswer ? report.offline : "inconclusive";
    return { observation: { id, result, expected, observed: messageOf(error) }, facts: {} };
  }
}

const JUDGES: { [kind in BuildReport["kind"]]: Judge } = {
  typescript(report, { text, exitCode }) {
    const errors = text.match(/error TS\d+:/g)?.length ?? 0;
    const first = /^.*error TS\d+:.*$/m.exec(text)?.[0];
    // By 1 and 2 tsc says that there are diagnostics, which are judged by their count.
    const told = errors > 0 && (exitCode === 1 || exitCode === 2);
    if (errors === 0) requireEnd(exitCode);
    return withExit(told ? 0 : exitCode, errors <= report.maximumErrors, {
      expected: `at most ${report.maximumErrors} diagnostics`,
      observed: `${errors} diagnostics${first ? `: ${first.slice(0, 200)}` : ""}`,
      facts: { errors },
    });
  },
  output(_report, { text, exitCode }) {
    const lines = text
      .split("\n")
      // `0 errors, 3 warnings` is a line of both.
      .filter((line) => /\b(error|warn(ing)?)s?\b/i.test(line.replace(/\b0 (errors|warnings)\b/gi, "")));
    if (lines.length === 0) requireEnd(exitCode);
    return withExit(exitCode, lines.length === 0, {
      expected: "neither errors nor warnings among the lines",
      observed: lines.length === 0 ? "none" : `${lines.length}: ${lines[0]?.slice(0, 200)}`,
      facts: { lines: lines.length },
    });
  },
  exit(_report, { text, exitCode }) {
    requireEnd(exitCode);
    const last = text.trimEnd().split("\n").at(-1)?.slice(0, 200);
    const observed = `exit ${exitCode}${last ? `: ${last}` : ""}`;
    return { passed: exitCode === 0, expected: "exit 0", observed, facts: {} };
  },
  eslint(report, { text }) {
    const files = z
      .array(z.object({ errorCount: z.int(), warningCount: z.int() }))
      .min(1, "no file was linted")
      .parse(jsonIn(text));
    const sum = (key: "errorCount" | "warningCount") => files.reduce((all, file) => all + file[key], 0);
    return findings(report, sum("errorCount"), sum("warningCount"), `${files.length} files`);
  },
  biome(report, { text }) {
    const summary = z.object({
      summary: z.object({
        changed: z.int().optional(),
        unchanged: z.int().optional(),
        errors: z.int(),
        warnings: z.int(),
      }),
    });
    const { changed = 0, unchanged = 0, errors, warnings } = summary.parse(jsonIn(text)).summary;
    if (changed + unchanged === 0) throw new Error("no file was linted");
    return findings(report, errors, warnings, `${changed + unchanged} files`);
  },
  sarif(report, { text }) {
    const { runs } = z
      .object({
        runs: z
          .array(
            z.object({
              results: z.array(z.object({ level: z.string().default("warning") })),
              invocations: z.array(z.object({ executionSuccessful: z.boolean().default(true) })).default([]),
            }),
          )
          .min(1),
      })
      .parse(jsonIn(text));
    // A scanner that broke off has found nothing, too.
    if (runs.some(({ invocations }) => invocations.some((one) => !one.executionSuccessful)))
      throw new Error("the tool says that it did not run to its end (executionSuccessful is false)");
    const levels = runs.flatMap(({ results }) => results.map(({ level }) => level));
    const count = (wanted: string) => levels.filter((level) => level === wanted).length;
    return findings(report, count("error"), count("warning"), `${runs.length} runs`);
  },
  junit(report, { text, exitCode }) {
    const { tests, failed, skipped, first } = testsIn(text);
    const ran = tests - skipped;
    return withExit(exitCode, failed === 0 && ran >= report.minimumTests, {
      expected: `at least ${report.minimumTests} tests run, none failed`,
      observed: `${ran} run, ${failed} failed, ${skipped} skipped${first ? `: ${first}` : ""}`,
      facts: { tests: ran, failed, skipped },
    });
  },
  coverage(report, { text }) {
    const all = text.trimStart().startsWith("{") ? summaryTotals(text) : lcovTotals(text);
    const { minimumPercent, totals: wanted = Object.keys(all) } = report;
    const totals = Object.fromEntries(wanted.map((name) => [name, all[name] ?? 0]));
    const low = Object.values(totals).filter((percent) => percent <= minimumPercent);
    return {
      passed: Object.keys(totals).length > 0 && low.length === 0,
      expected: `more than ${minimumPercent} % of ${Object.keys(totals).join(", ")}`,
      observed:
        Object.entries(totals)
          .map(([name, percent]) => `${name} ${percent.toFixed(1)} %`)
          .join(", ") || "nothing was covered",
      facts: { ...totals },
    };
  },
  "npm-audit"(report, { text }) {
    const json = jsonIn(text);
    // npm's own codes, e.g. ENOLOCK: nobody was asked, and the network is not to blame, of which npm tells without a code.
    const refusal = z.object({ error: z.object({ code: z.string(), summary: z.string().default("") }) });
    const { error } = refusal.safeParse(json).data ?? {};
    if (error) throw new Error(`${error.code}: ${error.summary}`);
    const answer = z
      .object({
        metadata: z.object({
          vulnerabilities: z.record(z.string(), z.int()),
          dependencies: z.looseObject({ total: z.int() }).optional(),
        }),
      })
      .safeParse(json);
    if (!answer.success) throw new NoAnswer("the registry could not be asked");
    const { vulnerabilities, dependencies } = answer.data.metadata;
    const order = ["low", "moderate", "high", "critical"];
    const severe = order.slice(order.indexOf(report.failOn));
    const counted = severe.map((severity) => `${vulnerabilities[severity] ?? 0} ${severity}`);
    return {
      passed: severe.every((severity) => (vulnerabilities[severity] ?? 0) === 0),
      expected: severe.map((severity) => `0 ${severity}`).join(", "),
      observed: `${counted.join(", ")}${dependencies ? ` in ${dependencies.total} packages` : ""}`,
      facts: { ...vulnerabilities },
    };
  },
};

/** That a tool printed nothing says nothing where it may not have run to its end. */
function requireEnd(exitCode: number | undefined): void {
  if (exitCode === undefined) throw new Error("nobody says how the command ended");
}

function withExit(exitCode: number | undefined, passed: boolean, said: Omit<Verdict, "passed">): Verdict {
  if (exitCode === undefined || exitCode === 0) return { ...said, passed };
  return { ...said, passed: false, observed: `exit ${exitCode}; ${said.observed}` };
}

function findings(report: BuildReport, errors: number, warnings: number, where: string): Verdict {
  const { maximumErrors, maximumWarnings } = report;
  const limit = maximumWarnings === undefined ? "" : ` and ${maximumWarnings} warnings`;
  return {
    passed: errors <= maximumErrors && warnings <= (maximumWarnings ?? Number.POSITIVE_INFINITY),
    expected: `at most ${maximumErrors} errors${limit}`,
    observed: `${errors} errors, ${warnings} warnings in ${where}`,
    facts: { errors, warnings },
  };
}

/** The JSON document among lines that a program printed beside it. @throws when there is none */
function jsonIn(text: string): unknown {
  const start = text.search(/^[[{]/m);
  const end = Math.max(text.lastIndexOf("}"), text.lastIndexOf("]"));
  if (start < 0 || end < start) throw new Error("no JSON document");
  return JSON.parse(text.slice(start, end + 1));
}

/** What holds the tests; the tool may print other signs beside them, e.g. `at <anonymous>`. */
const ENCLOSING = ["testsuites", "testsuite", "testcase"];

function testsIn(text: string): {
  tests: number;
  failed: number;
  skipped: number;
  first: string | undefined;
} {
  const seen = { tests: 0, failed: 0, declared: 0, skipped: 0, first: undefined as string | undefined };
  let name = "";
  let open = 0;
  const parser = new Parser(
    {
      onopentag(tag, attributes) {
        if (ENCLOSING.includes(tag)) open += 1;
        // Some tools tell of a file of tests that could not be loaded only by the figures of its suite.
        seen.declared = Math.max(
          seen.declared,
          Number(attributes.failures ?? 0) + Number(attributes.errors ?? 0),
        );
        if (tag === "testcase") {
          seen.tests += 1;
          name = attributes.name ?? "";
        }
        if (tag === "failure" || tag === "error") {
          seen.failed += 1;
          seen.first ??= name;
        }
        if (tag === "skipped") seen.skipped += 1;
      },
      onclosetag(tag) {
        if (ENCLOSING.includes(tag)) open -= 1;
      },
    },
    { xmlMode: true },
  );
  parser.write(text);
  // The parser's end would close what is open; the tests that are missing may be those that fail.
  if (open > 0) throw new Error("the report ends in the middle");
  return { ...seen, failed: Math.max(seen.failed, seen.declared || 0) };
}

function summaryTotals(text: string): { [name: string]: number } {
  const { total } = z
    .object({ total: z.record(z.string(), z.object({ pct: z.number().or(z.literal("Unknown")) })) })
    .parse(JSON.parse(text));
  return Object.fromEntries(
    Object.entries(total).flatMap(([name, { pct }]) =>
      typeof pct === "number" && name !== "branchesTrue" ? [[name, pct]] : [],
    ),
  );
}

function lcovTotals(text: string): { [name: string]: number } {
  const sum = (key: string) =>
    [...text.matchAll(new RegExp(`^${key}:(\\d+)`, "gm"))].reduce((all, [, count]) => all + Number(count), 0);
  const share = (hit: string, found: string) =>
    sum(found) === 0 ? undefined : (100 * sum(hit)) / sum(found);
  const totals = { lines: share("LH", "LF"), branches: share("BRH", "BRF"), functions: share("FNH", "FNF") };
  return Object.fromEntries(
    Object.entries(totals).flatMap(([name, percent]) => (percent === undefined ? [] : [[name, percent]])),
  );
}
