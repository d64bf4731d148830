// The stack files of the repository can be previewed as they stand, by the embedded engine, without a network.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedServices } from "../support/services.ts";
import { localEnvironment } from "./support/source.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** A program of its own beside the repository's: previews write to stack files, and several may run at once. */
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "greenlight-preview-"));
  const parts = ["index.ts", "package.json", "Pulumi.yaml", "Pulumi.local.yaml", "Pulumi.production.yaml"];
  for (const part of [...parts, "infra", "agent", "checks", "deployment", "report", "examples"])
    await cp(join(root, part), join(copy, part), { recursive: true });
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));
  await mkdir(join(copy, "state"));
});

afterAll(async () => {
  await rm(copy, { recursive: true, force: true });
});

/** What `pulumi preview` says of a stack. */
async function preview(project: string, stack: string): Promise<string> {
  const node = join(root, "node_modules/.bin");
  const environment = {
    ...(stack === "local" ? localEnvironment : {}),
    // Preflight wants PostgreSQL's client tools, which this machine may have only with its services.
    PATH: [node, (await sharedServices()).postgresqlBin, process.env.PATH].join(":"),
    HOME: copy,
    PULUMI_BACKEND_URL: `file://${join(copy, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "greenlight-example",
  };
  const pulumi = join(root, "local/engine/bin/pulumi");
  const options = { cwd: join(copy, project), env: environment, maxBuffer: 64 * 1024 * 1024 };
  await run(pulumi, ["stack", "init", stack], options);
  const { stdout } = await run(pulumi, ["preview", "--stack", stack], options);
  return stdout;
}

describe("a preview without a network", () => {
  it("shows everything that HV-Consultores has in production, and no secret", async () => {
    const shown = await preview("examples/hv-consultores", "production");
    for (const part of [
      "Keys",
      "Database",
      "Backups",
      "Records",
      "Cache",
      "Site",
      "Alarms",
      "Logs",
      "Secrets",
    ])
      expect(shown).toContain(`greenlight:infra:${part} hv-consultores create`);
    expect(shown).toMatch(/\+ \d{3} to create/);
    expect(shown).not.toContain("example-password");
  }, 180_000);

  it.each([
    "support-troubleshooting",
    "pfa-vanguard",
    "queue-worker",
    "khaacho",
  ])("shows what %s has in production, and no secret", async (system) => {
    const shown = await preview(`examples/${system}`, "production");
    for (const part of ["Keys", "Database", "Backups", "Records", "Cache", "Alarms", "Logs", "Secrets"])
      expect(shown).toContain(`greenlight:infra:${part} ${system} create`);
    expect(shown).not.toMatch(/example-password|OPENS.NOTHING|example-whatsapp/);
  }, 180_000);

  it("shows what the queue worker has in staging: no gate of people, no candidate", async () => {
    const shown = await preview("examples/queue-worker", "staging");
    for (const step of ["release", "smoke", "alarms", "observation"])
      expect(shown).toMatch(new RegExp(`${step} .*create|${step} create`));
    expect(shown).not.toMatch(/sign-off|candidate|OPENS.NOTHING/);
  }, 180_000);

  it.each(["production", "local"])("accepts the starting point for %s", async (stack) => {
    expect(await preview(".", stack)).toMatch(/\+ \d+ to create/);
  }, 180_000);
});
