// HV-Consultores, whole: deployed as `npm run demo` does it, again, stopped in the middle, and wrong in many ways.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { makeFail } from "../../greenlight/failures.ts";
import { saveReport } from "../../greenlight/report-files.ts";
import { list } from "./faults/hv-consultores.ts";
import type { DeployedSystem } from "./support/deployed-system.ts";
import { describeWhole } from "./support/whole.ts";

describeWhole({
  list,
  boxes: 195,
  more(deployed) {
    it("stops at a migration that fails in production only, and leaves the rest alone", async () => {
      const { directory, services, deploy } = deployed();
      const failed = await deploy(makeFail("migration", directory, services.layout.local));
      expect(failed.verdict).toBe("failed");
      expect(failed.errors.join("\n")).toContain("migration");
      expect(failed.next).toBe("npm run demo -- hv-consultores");
      const wrong = failed.steps.filter(({ result }) => result === "failed" || result === "inconclusive");
      expect(wrong.map(({ name }) => name)).toEqual(["migration"]);
    });

    it("heals with the next up", async () => {
      const healed = await deployed().deploy();
      expect(healed.errors).toEqual([]);
      expect(healed.verdict).toBe("proven");
    });

    it("shows no secret in state, report, log or process list", async () => {
      const { first, services } = deployed();
      const files = await saveReport(first, join(services.layout.local, "report"));
      const secrets = await secretsOf(deployed());
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
  },
});

// An input with a secret in it is encrypted as a whole: who is told, and what, is no secret, nor are names of triggers and files.
const NAME_BESIDE_SECRET =
  /\.(onFailure\.\d+\.kind|onFailure\.\d+\.inputs\.triggers\.\d+\.(name|when\.\d+)|environment\.NODE_EXTRA_CA_CERTS|audience\.system|email\.(from|to\.\d+)|notices\.\d+\.(subject|text|to\.\w+\.mail\.\d+))$/;

/** Every secret value of the stack, and the services' own credentials, by a name. */
async function secretsOf({ directory, environment, exported }: DeployedSystem) {
  const found: { name: string; value: string }[] = [];
  const visit = (name: string, value: unknown, secret: boolean): void => {
    if (typeof value === "string" && secret && value.length >= 12) found.push({ name, value });
    if (value === null || typeof value !== "object") return;
    if ("plaintext" in value && typeof value.plaintext === "string")
      visit(name, JSON.parse(value.plaintext), true);
    else for (const [key, item] of Object.entries(value)) visit(`${name}.${key}`, item, secret);
  };
  visit("state", await exported(), false);
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

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
