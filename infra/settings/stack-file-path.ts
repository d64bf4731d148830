// Where a stack's file is. Pulumi.yaml may keep stack files in a folder of their own, `stackConfigDir`.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";

/**
 * @param directory folder of Pulumi.yaml
 * @param stack also with its organization and project, e.g. `organization/orders/production`
 */
export function stackFilePath(directory: string, stack: string): string {
  return join(directory, configFolder(directory), `Pulumi.${stackNameOf(stack)}.yaml`);
}

/** What the program calls the stack: its name alone, e.g. `production` of `organization/orders/production`. */
export function stackNameOf(stack: string): string {
  return stack.split("/").at(-1) ?? stack;
}

function configFolder(directory: string): string {
  const file = join(directory, "Pulumi.yaml");
  if (!existsSync(file)) return ".";
  const folder: unknown = parseDocument(readFileSync(file, "utf8")).get("stackConfigDir");
  return typeof folder === "string" ? folder : ".";
}
