// Alarms, dashboards and logs under the embedded engine: a changed setting takes exactly the expected step, and what somebody
// deleted by hand is shown by a preview with refresh and made again.
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { CloudWatchClient, DeleteAlarmsCommand, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { servicesEnvironment } from "../../local/services/services.ts";
import { directoryVariable, sharedServices } from "../support/services.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

describe("what watches a system", { timeout: 180_000 }, () => {
  let directory: string;
  let variables: NodeJS.ProcessEnv;

  beforeAll(async () => {
    Object.assign(process.env, servicesEnvironment(await sharedServices()));
    directory = await mkdtemp(join(process.env[directoryVariable] ?? root, "monitoring-"));
    await cp(join(import.meta.dirname, "fixtures/monitoring"), directory, { recursive: true });
    variables = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${directory}`,
      PULUMI_CONFIG_PASSPHRASE: "of the test",
    };
    await pulumi("stack", "init", "test");
    await pulumi("config", "set", "--stack", "test", "infra", join(root, "infra"));
    await pulumi("config", "set", "--stack", "test", "aws:region", "us-east-1");
  }, 180_000);

  afterAll(async () => {
    await pulumi("destroy", "--yes", "--skip-preview", "--stack", "test");
    await rm(directory, { recursive: true, force: true });
  }, 180_000);

  async function pulumi(...words: string[]): Promise<string> {
    const command = join(root, "local/engine/bin/pulumi");
    const options = { cwd: directory, env: variables, maxBuffer: 1e8 };
    return (await run(command, words, options)).stdout;
  }

  /** How many resources each kind of step takes, of those that do not stay the same. */
  async function changes(...words: string[]): Promise<{ [operation: string]: number }> {
    const lines = (await pulumi(...words, "--json", "--stack", "test")).split("\n").filter(Boolean);
    const summaries = lines.flatMap((line) => JSON.parse(line).summaryEvent ?? []);
    const { same: _, ...changed } = summaries.at(-1).resourceChanges;
    return changed;
  }

  const up = (...words: string[]) => changes("up", "--yes", "--skip-preview", ...words);

  it("is there, and an update with refresh changes nothing", async () => {
    expect(Object.keys(await up())).toEqual(["create"]);
    expect(await up("--refresh")).toEqual({});
  });

  // Every other setting: steps.test.ts.
  it("takes a changed limit with exactly the expected steps", async () => {
    await pulumi("config", "set", "--stack", "test", "jobs", "2000");
    // The alarm, the one that tells of it in words, and the dashboard that draws its limit.
    expect(await up()).toEqual({ update: 3 });
  });

  it("shows a deleted alarm in a preview with refresh, and makes it again", async () => {
    const client = new CloudWatchClient({});
    const described = () => client.send(new DescribeAlarmsCommand({ AlarmNames: ["drift-disk-free"] }));
    await client.send(new DeleteAlarmsCommand({ AlarmNames: ["drift-disk-free"] }));
    const shown = await pulumi("preview", "--refresh", "--stack", "test");
    expect(shown).toMatch(/drift-disk-free/);
    expect(shown).toMatch(/1 to create/);
    expect((await described()).MetricAlarms).toEqual([]);
    expect(await up("--refresh")).toMatchObject({ create: 1 });
    expect((await described()).MetricAlarms).toHaveLength(1);
  });
});
