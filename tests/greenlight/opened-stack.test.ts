// Which stack a plain `pulumi` is about is its operator's choice, whatever `greenlight` looked at meanwhile.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { engine, openStack } from "../../greenlight/engine.ts";

it("opens and makes a stack, and leaves the one selected that was", async () => {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-opened-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: orders\nruntime: nodejs\n");
  const envVars = {
    PULUMI_BACKEND_URL: pathToFileURL(folder).href,
    PULUMI_CONFIG_PASSPHRASE: "phrase",
    PULUMI_HOME: join(folder, "home"),
  };
  const used = await engine("embedded");
  const pulumi = (...args: string[]) =>
    execFileSync(used.command.command, args, {
      cwd: folder,
      env: { ...process.env, ...envVars },
      encoding: "utf8",
    });
  for (const name of ["production", "staging"]) pulumi("stack", "init", name);

  const opened = await openStack("production", folder, used, { envVars });
  expect((await opened.exportStack()).version).toBe(3);
  await openStack("production", folder, used, { envVars, create: true });
  expect(pulumi("stack", "ls")).toMatch(/^staging\*/m);

  await expect(openStack("prodution", folder, used, { envVars })).rejects.toThrow(
    /no stack named 'prodution' found/,
  );
  await openStack("trial", folder, used, { envVars, create: true });
  expect(pulumi("stack", "ls")).toMatch(/^trial/m);
});
