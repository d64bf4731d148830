// The whole of it, as `npm run demo` does it: services, preview, up, report; a second run; releases that are wrong.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { deploy } from "../../greenlight/deployment.ts";
import { type Engine, type EngineChoice, engine, officialVersion } from "../../greenlight/engine.ts";
import { FAILING_STEPS, makeFail } from "../../greenlight/failures.ts";
import { saveReport } from "../../greenlight/report-files.ts";
import { projectRoot } from "../../local/services/layout.ts";
import { type Services, servicesEnvironment, startServices } from "../../local/services/services.ts";
import type { Report } from "../../report/report.ts";
import { directoryVariable } from "../support/services.ts";

const MINUTES = 60_000;
const directory = join(projectRoot, "examples/hv-consultores");
const engines: EngineChoice[] = ["embedded", "official"];

describe.each(engines)("HV-Consultores on the %s engine", { timeout: 10 * MINUTES }, (choice) => {
  const absent = choice === "official" && officialVersion() === undefined;
  it.runIf(absent)("is skipped: the Pulumi CLI is not on PATH", (context) =>
    context.skip("the Pulumi CLI is not on PATH"),
  );
  describe.skipIf(absent)("", () => {
    let services: Services;
    let used: Engine;
    let environment: { [name: string]: string };
    let first: Report;

    /** One deployment with the given things wrong. */
    const release = (wrong: { [variable: string]: string } = {}) =>
      deploy({
        engine: used,
        directory,
        stack: "local",
        environment: { ...environment, ...wrong },
        retry: "npm run demo",
        onPreview: () => {},
        onPlanned: () => {},
        onUpdate: () => {},
      });
    const resultOf = (report: Report, name: string) =>
      report.steps.find((step) => step.name === name)?.result;

    beforeAll(async () => {
      // A set of its own, since a deployment owns names that only one stack can have.
      services = await startServices({ directory: `${process.env[directoryVariable]}.${choice}` });
      environment = servicesEnvironment(services);
      used = await engine(choice);
      first = await release();
    }, 10 * MINUTES);

    it("is proven by its first deployment", () => {
      expect(first.errors).toEqual([]);
      expect(first.verdict).toBe("proven");
      expect(first.steps.map(({ name, result }) => `${name} ${result}`)).toEqual(
        first.steps.map(({ name }) => `${name} passed`),
      );
    });

    it("judges all 195 boxes, each proven one by an observation of this run", () => {
      expect(first.checklist?.counts.total).toBe(195);
      const observed = new Set(first.steps.flatMap((s) => s.observations.map((o) => `${s.name}#${o.id}`)));
      const proven = first.checklist?.boxes.filter(({ verdict }) => verdict === "proven") ?? [];
      expect(proven.length).toBeGreaterThan(80);
      expect(proven.flatMap(({ proof }) => proof).filter((name) => !observed.has(name))).toEqual([]);
    });

    it("maps no box to an observation that its step does not make", () => {
      const gaps =
        first.checklist?.boxes.filter(({ because }) => /did not observe|did not run/.test(because)) ?? [];
      expect(gaps.map(({ id, because }) => `${id} ${because}`)).toEqual([]);
    });

    it("changes nothing when nothing changed, and looks again", async () => {
      const second = await release();
      expect(second.verdict).toBe("proven");
      expect(Object.keys(second.changes).sort()).toEqual(["same", "update"]);
      const ran = second.steps.filter((step) => step.ran).map(({ name }) => name);
      expect(ran).toContain("health");
      expect(ran).not.toContain("migration");
      expect(ran).not.toContain("backup");
      expect(ran).not.toContain("release");
    });

    // In the order of the steps, so that each wrong release also shows that the step before it has healed.
    it.each(FAILING_STEPS)("stops at %s when that is wrong, and leaves the rest alone", async (step) => {
      const failed = await release(makeFail(step, directory, services.layout.local));
      expect(failed.verdict).toBe("failed");
      expect(failed.errors.join("\n")).toContain(step);
      expect(failed.next).toBe("npm run demo");
      const wrong = failed.steps.filter(({ result }) => result === "failed" || result === "inconclusive");
      expect(wrong.map(({ name }) => name)).toEqual(step === "preflight" ? [] : [step]);
      const before = FAILING_STEPS[FAILING_STEPS.indexOf(step) - 1];
      expect(before === undefined ? "passed" : resultOf(failed, before)).toBe("passed");
    });

    it("heals with the next up", async () => {
      const healed = await release();
      expect(healed.errors).toEqual([]);
      expect(healed.verdict).toBe("proven");
    });

    it("shows no secret in state, report, log or process list", async () => {
      const files = await saveReport(first, join(services.layout.local, "report"));
      const secrets = await secretsOf(used, environment);
      expect(secrets.length).toBeGreaterThan(8);
      const texts = [
        ...files.map((file) => [file, readFileSync(file, "utf8")] as const),
        ...filesBelow(services.layout.state).map((file) => [file, readFileSync(file, "utf8")] as const),
        ...filesBelow(services.layout.pm2Home).map((file) => [file, readFileSync(file, "latin1")] as const),
        ...filesBelow(services.layout.logs).map((file) => [file, readFileSync(file, "latin1")] as const),
        ["process list", execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })] as const,
      ];
      const leaks = texts.flatMap(([where, text]) =>
        secrets.filter(({ value }) => text.includes(value)).map(({ name }) => `${name} in ${where}`),
      );
      expect(leaks).toEqual([]);
    });

    afterAll(async () => {
      if (services) await destroyed(used, environment);
    }, 5 * MINUTES);
  });
});

// An input with a secret in it is encrypted as a whole: who is told, and what, is no secret.
const NAME_BESIDE_SECRET =
  /\.(onFailure\.\d+\.kind|audience\.system|email\.(from|to\.\d+)|notices\.\d+\.(subject|text|to\.\w+\.mail\.\d+))$/;

/** Every secret value of the stack, and the services' own credentials, by a name. */
async function secretsOf(used: Engine, environment: { [name: string]: string }) {
  const stack = await select(used, environment);
  const { deployment } = await stack.exportStack();
  const found: { name: string; value: string }[] = [];
  const visit = (name: string, value: unknown, secret: boolean): void => {
    if (typeof value === "string" && secret && value.length >= 12) found.push({ name, value });
    if (value === null || typeof value !== "object") return;
    if ("plaintext" in value && typeof value.plaintext === "string")
      visit(name, JSON.parse(value.plaintext), true);
    else for (const [key, item] of Object.entries(value)) visit(`${name}.${key}`, item, secret);
  };
  visit("state", deployment, false);
  // The application's environment is one secret as a whole; its rules say which of its variables are.
  const rules: { variables: { name: string; secret: boolean }[] } = parse(
    readFileSync(join(directory, "environment.yaml"), "utf8"),
  );
  const open = new Set(rules.variables.filter(({ secret }) => !secret).map(({ name }) => name));
  const hidden = found.filter(
    ({ name, value }) =>
      !open.has(name.split(".").at(-1) ?? "") && !value.startsWith("arn:") && !NAME_BESIDE_SECRET.test(name),
  );
  const own = ["GREENLIGHT_DATABASE_URL", "GREENLIGHT_REDIS_URL", "GREENLIGHT_SMTP_URL"].map((name) => ({
    name,
    value: decodeURIComponent(new URL(environment[name] ?? "").password),
  }));
  return [
    ...hidden,
    ...own,
    { name: "AWS_SECRET_ACCESS_KEY", value: environment.AWS_SECRET_ACCESS_KEY ?? "" },
  ];
}

function select(used: Engine, envVars: { [name: string]: string }) {
  return LocalWorkspace.selectStack(
    { stackName: "local", workDir: directory },
    { pulumiCommand: used.command, envVars },
  );
}

async function destroyed(used: Engine, environment: { [name: string]: string }): Promise<void> {
  const stack = await select(used, environment);
  await stack.destroy();
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
