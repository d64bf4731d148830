// A project may have another name than the system that one of its stacks deploys, as that of the program itself has.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { reportOf } from "../../greenlight/deployment.ts";
import { engine, openStack } from "../../greenlight/engine.ts";

it("is the settings' in a report, and the project's where they name none", async () => {
  const directory = mkdtempSync(join(tmpdir(), "greenlight-system-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "Pulumi.yaml"), "name: greenlight\nruntime: nodejs\n");
  const envVars = {
    PULUMI_BACKEND_URL: pathToFileURL(directory).href,
    PULUMI_CONFIG_PASSPHRASE: "phrase",
    PULUMI_HOME: join(directory, "home"),
  };
  const stack = await openStack("local", directory, await engine("embedded"), { create: true, envVars });
  const report = async () =>
    reportOf(stack, await stack.exportStack(), {
      ...{ directory, engine: "test", changes: {}, errors: [], planned: [] },
      ...{ startedAt: new Date(0), finishedAt: new Date(1000), visited: new Set(), ran: new Set() },
    });
  expect((await report()).system).toBe("greenlight");
  writeFileSync(join(directory, "Pulumi.local.yaml"), "config:\n  greenlight:system: { name: orders }\n");
  expect((await report()).system).toBe("orders");
});
