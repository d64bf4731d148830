// How pm2 is told to run each system, also from a folder with a blank in its name.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";
import { z } from "zod";
import { exampleSystems } from "../../greenlight/examples.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));
const ecosystem = z.object({
  apps: z.array(z.object({ name: z.string(), script: z.string(), cwd: z.string() })).min(1),
});

it.each(
  exampleSystems(examples),
)("%s names scripts that are there and that pm2 does not take for command lines", (system) => {
  for (const name of ["AGENT_SECRET_ID", "BACKUP_SECRET_ID"]) vi.stubEnv(name, `${system}/x`);
  const { apps } = ecosystem.parse(
    createRequire(import.meta.url)(join(examples, system, "ecosystem.config.cjs")),
  );
  vi.unstubAllEnvs();
  for (const { script, cwd } of apps) {
    expect(existsSync(join(cwd, script))).toBe(true);
    // pm2 gives every script with a blank to a shell, and the folder may have one.
    expect(script.startsWith("/") || script.includes(" ")).toBe(false);
  }
});
