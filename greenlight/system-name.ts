// What a stack's reports call the system that it deploys.
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { z } from "zod";
import { sectionOf } from "./stack-file.ts";

/** `greenlight:system.name`, as records and notices have it; the project's name in a stack file that does not say it. */
export async function systemOf({
  name: stack,
  workspace,
}: Pick<Stack, "name" | "workspace">): Promise<string> {
  const { workDir: directory, envVars } = workspace;
  const environment = { ...process.env, ...envVars };
  const said = sectionOf({ directory, stack, environment }, "system", z.object({ name: z.string() }));
  return said?.name ?? (await workspace.projectSettings()).name;
}
