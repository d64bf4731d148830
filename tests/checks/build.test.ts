// Reports of real formats, commands that are really run, a tree with secrets in it.
import { readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { judgeReport } from "../../checks/build/judge.ts";
import { buildReport } from "../../checks/build/report.ts";
import { judgeStamp } from "../../checks/build/run.ts";
import { step } from "../../checks/build.ts";
import { digestOfContents } from "../../checks/release/contents.ts";
import { folderOf } from "../support/folder.ts";
import { inputFaults, runStep } from "./support/run-step.ts";

type Report = Parameters<ReturnType<typeof buildReport>["parse"]>[0] & object;

/** Result and what was seen of one report. */
function judged(given: Report, text: string, exitCode?: number): string {
  const report = buildReport().parse({ name: "report", file: "report", ...given });
  const { result, observed } = judgeReport(report, { text, exitCode }).observation;
  return `${result}: ${observed}`;
}

const JUNIT = `<?xml version="1.0"?><testsuites><testsuite name="a"><testcase name="adds" time="0.1"/>
  <testcase name="takes &lt;nothing&gt;"><failure message="x">y</failure></testcase><testcase name="later"><skipped/></testcase></testsuite></testsuites>`;
const LCOV = "SF:a.ts\nFNF:2\nFNH:2\nLF:100\nLH:91\nBRF:10\nBRH:9\nend_of_record\n";
const AUDIT = (high: number) =>
  `npm warn something\n{\n "metadata": { "vulnerabilities": { "low": 3, "high": ${high}, "critical": 0 }, "dependencies": { "total": 80 } }\n}`;

describe("a report", () => {
  it.each<[Report, string, number | undefined, string]>([
    [{ kind: "typescript" }, "", 0, "passed: 0 diagnostics"],
    [{ kind: "typescript" }, "", 2, "failed: exit 2; 0 diagnostics"],
    [{ kind: "typescript" }, "", undefined, "inconclusive: nobody says how the command ended"],
    [{ kind: "output" }, "killed\n", undefined, "inconclusive: nobody says how the command ended"],
    [{ kind: "output" }, "1 error\n", undefined, "failed: 1: 1 error"],
    [
      { kind: "typescript" },
      "a.ts(1,2): error TS2322: no\n",
      0,
      "failed: 1 diagnostics: a.ts(1,2): error TS2322: no",
    ],
    [
      { kind: "typescript", maximumErrors: 1 },
      "a.ts(1,2): error TS2322: no\n",
      2,
      "passed: 1 diagnostics: a.ts(1,2): error TS2322: no",
    ],
    [{ kind: "typescript", maximumErrors: 1 }, "a.ts(1,2): error TS2322: no\n", 134, "failed: exit 134"],
    [{ kind: "output" }, "built 3 files, 0 errors\n", 0, "passed: none"],
    [{ kind: "output" }, "built\n(!) Warning: large chunk\n", 0, "failed: 1: (!) Warning: large chunk"],
    [
      { kind: "typescript" },
      "a.ts:1:7 - \x1b[91merror\x1b[0m\x1b[90m TS2322: \x1b[0mno\n",
      undefined,
      "failed: 1 diagnostics: a.ts:1:7 - error TS2322: no",
    ],
    [
      { kind: "output" },
      "done: 0 errors, 3 warnings\n0 warnings and 0 errors\n",
      0,
      "failed: 1: done: 0 errors, 3 warnings",
    ],
    [{ kind: "output" }, "\x1b[33mwarning\x1b[39m: old\n", 0, "failed: 1: warning: old"],
    [{ kind: "eslint" }, '[{"errorCount":0,"warningCount":2}]', 0, "passed: 0 errors, 2 warnings in 1 files"],
    [
      { kind: "eslint", maximumWarnings: 1 },
      '[{"errorCount":0,"warningCount":2}]',
      0,
      "failed: 0 errors, 2 warnings in 1 files",
    ],
    [{ kind: "eslint" }, "[]", 0, "inconclusive"],
    [
      { kind: "biome" },
      'note\n{"summary":{"changed":0,"unchanged":4,"errors":1,"warnings":0}}',
      1,
      "failed: 1 errors, 0 warnings in 4 files",
    ],
    [
      { kind: "sarif" },
      '{"runs":[{"results":[{"level":"error"},{}]}]}',
      0,
      "failed: 1 errors, 1 warnings in 1 runs",
    ],
    [
      { kind: "sarif" },
      '{"runs":[{"invocations":[{"executionSuccessful":false}],"results":[]}]}',
      0,
      "inconclusive: the tool says that it did not run to its end",
    ],
    [
      { kind: "sarif" },
      '{"runs":[{"invocations":[{"executionSuccessful":true}],"results":[]}]}',
      0,
      "passed: 0 errors, 0 warnings in 1 runs",
    ],
    [{ kind: "junit" }, JUNIT, 0, "failed: 2 run, 1 failed, 1 skipped: takes <nothing>"],
    [{ kind: "junit" }, JUNIT.replace(/<failure.*failure>/, ""), 0, "passed: 2 run, 0 failed, 1 skipped"],
    [
      { kind: "junit", minimumTests: 3 },
      JUNIT.replace(/<failure.*failure>/, ""),
      0,
      "failed: 2 run, 0 failed, 1 skipped",
    ],
    [
      { kind: "junit" },
      '<testsuites errors="1"><testsuite errors="1" tests="0"/><testsuite><testcase name="a"/></testsuite></testsuites>',
      undefined,
      "failed: 1 run, 1 failed, 0 skipped",
    ],
    [
      { kind: "junit" },
      '<testsuites><testsuite><testcase name="a"/><testc',
      undefined,
      "inconclusive: the report ends in the middle",
    ],
    [
      { kind: "junit" },
      'at Object.<anonymous> (a.js:1:1)\n<testsuites><testcase name="a"/></testsuites>\nat <anonymous>\n',
      0,
      "passed: 1 run, 0 failed, 0 skipped",
    ],
    [{ kind: "junit" }, "<testsuites/>", 0, "failed: 0 run, 0 failed, 0 skipped"],
    [
      { kind: "coverage", minimumPercent: 89.9 },
      LCOV,
      undefined,
      "passed: lines 91.0 %, branches 90.0 %, functions 100.0 %",
    ],
    [{ kind: "coverage" }, LCOV, undefined, "failed: lines 91.0 %, branches 90.0 %, functions 100.0 %"],
    [
      { kind: "coverage" },
      '{"total":{"lines":{"pct":90.1},"branches":{"pct":95}}}',
      undefined,
      "passed: lines 90.1 %, branches 95.0 %",
    ],
    [{ kind: "coverage" }, "", undefined, "failed: nothing was covered"],
    [{ kind: "npm-audit" }, AUDIT(0), 0, "passed: 0 high, 0 critical in 80 packages"],
    [{ kind: "npm-audit" }, AUDIT(1), 1, "failed: 1 high, 0 critical in 80 packages"],
    [
      { kind: "npm-audit", failOn: "low" },
      AUDIT(0),
      0,
      "failed: 3 low, 0 moderate, 0 high, 0 critical in 80 packages",
    ],
    [
      { kind: "npm-audit" },
      '{"message":"405 Method Not Allowed"}',
      1,
      "inconclusive: the registry could not be asked",
    ],
    [
      { kind: "npm-audit", offline: "notApplicable" },
      '{"message":"405"}',
      1,
      "notApplicable: the registry could not be asked",
    ],
    [
      { kind: "npm-audit", offline: "notApplicable" },
      '{"error":{"code":"ENOLOCK","summary":"This command requires an existing lockfile."}}',
      1,
      "inconclusive: ENOLOCK: This command requires an existing lockfile.",
    ],
    [
      { kind: "npm-audit", offline: "notApplicable" },
      '{"message":"request to https://registry failed, reason: ECONNREFUSED","error":{"summary":"","detail":""}}',
      1,
      "notApplicable: the registry could not be asked",
    ],
    [{ kind: "exit" }, "", undefined, "inconclusive: nobody says how the command ended"],
    [{ kind: "exit" }, "", 3, "failed: exit 3"],
    [{ kind: "exit" }, "a\n12 packages\n", 0, "passed: exit 0: 12 packages"],
  ])("%j of %j that ended with %s is %s", (given, text, exitCode, expected) => {
    expect(judged(given, text, exitCode)).toMatch(
      new RegExp(`^${expected.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`),
    );
  });

  it("counts up to its age and for its contents alone", () => {
    const at = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    const result = (contents: string, hours: number) =>
      judgeStamp({ contents, commands: "", finishedAt: at(hours), exitCodes: {} }, "abc", 24).result;
    const results = [23.9, 24.1, -0.2, -0.3].map((hours) => result("abc", hours));
    expect(results).toEqual(["passed", "failed", "passed", "failed"]);
    expect(result("abd", 0)).toBe("failed");
    expect(judgeStamp(undefined, "abc", 24).result).toBe("failed");
  });

  it("needs a command or a file", () => {
    const given = { contents: ["a"], directory: ".", reports: [{ name: "types", kind: "typescript" }] };
    expect(inputFaults(step, given)).toEqual(["reports.0.file: needs a command or a file"]);
  });
});

describe("build", () => {
  it("runs the tools for new contents only, and judges what they wrote", async () => {
    const directory = folderOf({
      "app/main.ts": "export const a = 1;\n",
      "tool.cjs": `const fs = require("fs"); fs.appendFileSync("runs", "x"); fs.writeFileSync("junit.xml", '<testcase name="a"/>'); console.log("done");`,
    });
    const given = {
      contents: [join(directory, "app")],
      directory,
      reports: [
        { name: "tests", kind: "junit" as const, command: [process.execPath, "tool.cjs"], file: "junit.xml" },
        { name: "ends", kind: "exit" as const, command: [process.execPath, "-e", "process.exit(0)"] },
      ],
    };
    const runs = () => readFileSync(join(directory, "runs"), "utf8").length;
    const first = await runStep(step, given);
    expect(first.observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "reports-current passed",
      "tests passed",
      "ends passed",
    ]);
    expect(first.facts).toMatchObject({ tests: { tests: 1, failed: 0 } });
    await runStep(step, given);
    expect(runs()).toBe(1);
    writeFileSync(join(directory, "app/main.ts"), "export const a = 2;\n");
    await runStep(step, given);
    expect(runs()).toBe(2);
    const broken = await runStep(step, {
      ...given,
      reports: [
        { name: "ends", kind: "exit" as const, command: [process.execPath, "-e", "process.exit(3)"] },
      ],
    });
    expect(broken.seen("ends")).toMatchObject({ result: "failed" });
  });

  it("does not take the report of an earlier run for that of a tool that broke off before it wrote one", async () => {
    const directory = folderOf({ "app/main.ts": "a", "eslint.json": '[{"errorCount":0,"warningCount":0}]' });
    const command = [process.execPath, "-e", "process.exit(2)"];
    const { seen } = await runStep(step, {
      contents: [join(directory, "app")],
      directory,
      reports: [{ name: "lint", kind: "eslint", command, file: "eslint.json" }],
    });
    expect(seen("lint")).toMatchObject({
      result: "inconclusive",
      observed: `no file ${join(directory, "eslint.json")}`,
    });
  });

  it("does not take what a command wrote beside its own report in an earlier run for a report of this one", async () => {
    const directory = folderOf({ "app/main.ts": "covered" });
    const summary = join(directory, "coverage.json");
    const program =
      'if (fs.readFileSync("app/main.ts", "utf8") === "covered") fs.writeFileSync("coverage.json", \'{"total":{"lines":{"pct":99}}}\')';
    const given = {
      contents: [join(directory, "app")],
      directory,
      reports: [
        { name: "tests", kind: "exit" as const, command: [process.execPath, "-e", program] },
        { name: "coverage", kind: "coverage" as const, file: "coverage.json" },
      ],
    };
    const seen = async () => (await runStep(step, given)).seen("coverage");
    expect((await seen()).result).toBe("passed");
    const hourAgo = new Date(Date.now() - 3_600_000);
    utimesSync(summary, hourAgo, hourAgo);
    writeFileSync(join(directory, "app/main.ts"), "not covered");
    const stale = {
      result: "inconclusive",
      observed: expect.stringMatching(/^coverage\.json is of .*, before the tools ran at /),
    };
    expect(await seen()).toMatchObject(stale);
    expect(await seen()).toMatchObject(stale);
    // Of a pipeline that says so, the report is of these contents.
    const stamp = { contents: digestOfContents(given.contents), finishedAt: new Date().toISOString() };
    writeFileSync(join(directory, ".greenlight/build/build.json"), JSON.stringify(stamp));
    expect((await seen()).result).toBe("passed");
  });

  it("does not take the logs of a run that was ended half way for those of the run before it", async () => {
    const directory = folderOf({ "app/main.ts": "good" });
    const main = join(directory, "app/main.ts");
    const tool = (name: string, program: string) => ({
      ...{ name, kind: "output" as const },
      command: [process.execPath, "-e", program],
    });
    const given = {
      contents: [join(directory, "app")],
      directory,
      reports: [
        tool("text", 'console.log(fs.readFileSync("app/main.ts", "utf8"))'),
        tool("slow", 'if (fs.readFileSync("app/main.ts", "utf8") !== "good") setTimeout(() => {}, 60000)'),
      ],
    };
    expect((await runStep(step, given)).seen("text").result).toBe("passed");
    writeFileSync(main, "error");
    const log = join(directory, ".greenlight/build/text.log");
    const killed = new AbortController();
    const context = { name: "build", log: () => {}, signal: killed.signal, previous: undefined };
    const running = step.run(step.inputs().parse(given), context);
    await vi.waitUntil(() => readFileSync(log, "utf8") === "error\n", 20_000);
    killed.abort(new Error("killed"));
    await expect(running).rejects.toThrow("killed");
    writeFileSync(main, "good");
    expect((await runStep(step, given)).seen("text")).toMatchObject({ result: "passed", observed: "none" });
  });

  it("does not take reports of other contents for reports of these", async () => {
    const directory = folderOf({ "app/main.ts": "a", "junit.xml": '<testcase name="a"/>' });
    const contents = [join(directory, "app")];
    const given = {
      contents,
      directory,
      reportsDirectory: ".",
      reports: [{ name: "tests", kind: "junit" as const, file: "junit.xml" }],
    };
    const stamp = { contents: digestOfContents(contents), finishedAt: new Date().toISOString() };
    writeFileSync(join(directory, "build.json"), JSON.stringify(stamp));
    expect((await runStep(step, given)).seen("reports-current").result).toBe("passed");
    const zoned = { ...stamp, finishedAt: stamp.finishedAt.replace("Z", "+00:00") };
    writeFileSync(join(directory, "build.json"), JSON.stringify(zoned));
    expect((await runStep(step, given)).seen("reports-current").result).toBe("passed");
    writeFileSync(join(directory, "app/main.ts"), "b");
    expect((await runStep(step, given)).seen("reports-current").result).toBe("failed");
    rmSync(join(directory, "junit.xml"));
    expect((await runStep(step, given)).seen("tests").result).toBe("inconclusive");
  });
});

const token = ["ghp", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].join("_");

describe("the release's files", () => {
  // Put together here, so that no scanner stumbles over this file.
  const scanned = async (files: { [path: string]: string }, scan: object) => {
    const directory = folderOf(files);
    return runStep(step, { contents: [directory], directory, scan: { ...scan } });
  };

  it("hold no secret, by form, by value, by name of file", async () => {
    const values = { JWT_SECRET: "a-value-of-the-vault-1234" };
    const clean = await scanned(
      { "a.ts": "const token = process.env.TOKEN;" },
      { values, absent: [".env*"] },
    );
    expect(clean.observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "secret-scan passed",
      "secret-values passed",
      "absent-files passed",
    ]);
    const base64 = Buffer.from(values.JWT_SECRET).toString("base64");
    const dirty = await scanned(
      { "deep/a.ts": `const token = "${token}";`, "bundle.js": `x="${base64}"`, ".env.production": "A=1" },
      { values, absent: [".env*"] },
    );
    expect(dirty.observations.map(({ result }) => result)).toEqual(["failed", "failed", "failed"]);
    expect(dirty.seen("secret-scan").observed).toMatch(/deep\/a\.ts:1 \(github\)$/);
    expect(dirty.seen("secret-values").observed).toMatch(/^JWT_SECRET in .*bundle\.js$/);
    const said = JSON.stringify(dirty);
    expect([token, values.JWT_SECRET, base64].filter((secret) => said.includes(secret))).toEqual([]);
  });

  it("are read in UTF-16, too, as PowerShell writes them", async () => {
    const directory = folderOf({ "a.ts": "export {};" });
    const marked = `\ufeffJWT_SECRET=a-value-of-the-vault-1234\r\nTOKEN=${token}\r\n`;
    writeFileSync(join(directory, ".env"), marked, "utf16le");
    const values = { JWT_SECRET: "a-value-of-the-vault-1234" };
    const { observations } = await runStep(step, { contents: [directory], directory, scan: { values } });
    expect(observations.map(({ result }) => result)).toEqual(["failed", "failed"]);
  });

  it("are looked through for the application's own secrets whatever their size", async () => {
    const values = { JWT_SECRET: "a-value-of-the-vault-1234" };
    const bundle = `${"x=1;\n".repeat(500_000)}key="${values.JWT_SECRET}";`;
    const { seen } = await scanned({ "a.ts": "export {};", "bundle.js": bundle }, { values });
    expect(seen("secret-values").observed).toMatch(/^JWT_SECRET in .*bundle\.js$/);
  });

  it("leave no mark in the timeline of the process, which the scanner would look through again for each file", async () => {
    performance.clearMarks();
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, at) => [`${at}.ts`, `export const a = ${at};`]),
    );
    expect((await scanned(files, {})).seen("secret-scan").observed).toBe("none in 20 files");
    expect(performance.getEntriesByType("mark")).toEqual([]);
  });

  it("may hold what somebody accepted, with a reason, and nothing beside it", async () => {
    const accepted = [{ file: "a.test.ts", rule: "github", reason: "an example of no account" }];
    const files = { "a.test.ts": token };
    expect((await scanned(files, { accepted })).seen("secret-scan").result).toBe("passed");
    for (const other of ["b.ts", "data.test.ts"])
      expect((await scanned({ ...files, [other]: token }, { accepted })).seen("secret-scan").result).toBe(
        "failed",
      );
  });
});
