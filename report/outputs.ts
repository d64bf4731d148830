// The outputs of a stack that may be shown, read from its state. Knows Pulumi's export format, nothing of the program.
import { z } from "zod";

/** How an export marks a value that is not plain, and which of them are secrets. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

const deployment = z.object({
  resources: z
    .array(z.object({ type: z.string(), outputs: z.record(z.string(), z.unknown()).optional() }))
    .nullish(),
});

/** The outputs in `pulumi stack export`'s deployment without those in which anything is secret, with or without their plaintext. */
export function outputsOf(exported: unknown): { [name: string]: unknown } {
  const resources = deployment.parse(exported).resources ?? [];
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  return Object.fromEntries(Object.entries(stack?.outputs ?? {}).filter(([, value]) => !holdsSecret(value)));
}

function holdsSecret(value: unknown): boolean {
  if (value === null || typeof value !== "object") return false;
  if (SIGNATURE in value && value[SIGNATURE] === SECRET) return true;
  return Object.values(value).some(holdsSecret);
}
