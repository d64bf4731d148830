// `config`: the configuration of a stack, the project's defaults included.

import { renderTable } from "../display/table.ts";
import { holdsSecret, openConfigValue, openValue, type RawConfig } from "../project/config.ts";
import { parseConfigKey } from "../project/config-key.ts";
import { mergeProjectConfig } from "../project/config-schema.ts";
import type { Value } from "../types.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { openStackContext, openStackCrypter, rawConfig, type StackContext } from "./context.ts";

const HIDDEN = "[secret]";

export const command: Command = {
  usage: "config",
  summary: "Prints the configuration of a stack.",
  flags: {
    ...stackFlag,
    json: { kind: "boolean", short: "j", help: "print JSON" },
    "show-secrets": { kind: "boolean", help: "print secrets in clear" },
    "config-file": { kind: "text", help: "use this configuration file" },
  },
  refused: ["open"],
  arguments: [0, 0],
  async run(call) {
    const context = await openStackContext(call);
    const raw = withDefaults(context);
    const visible = call.flags.on("show-secrets");
    const secrets = [...raw.values()].some(holdsSecret);
    const crypter = visible && secrets ? await openStackCrypter(context, call) : undefined;
    const open = (ciphertext: string) => (crypter ? crypter.decrypt(ciphertext) : HIDDEN);
    if (call.flags.on("json")) print(JSON.stringify(jsonOf(raw, visible, open), null, 2));
    else print(renderTable(["KEY", "VALUE"], rowsOf(raw, context.project.name, open)));
    return 0;
  },
};

/** The configuration with the project's defaults. What a schema would refuse is for preview and up to say. */
export function withDefaults(context: StackContext): RawConfig {
  const raw = rawConfig(context);
  const { configSchema, name } = context.project;
  const declared = Object.entries(configSchema).filter(([key, entry]) => {
    const absent = !raw.has(parseConfigKey(key, name));
    const value =
      typeof entry === "object" && entry !== null && !Array.isArray(entry)
        ? (entry.default ?? entry.value)
        : entry;
    return absent && value !== undefined;
  });
  return mergeProjectConfig(raw, Object.fromEntries(declared), name, context.reference.name);
}

/** `{value?, secret, objectValue?}` as `config --json` prints one; the value of a hidden secret is left out. */
export function jsonEntry(
  value: Value,
  visible: boolean,
  open: (ciphertext: string) => string,
): { [key: string]: Value } {
  const { value: text, secret, object } = openConfigValue(value, open);
  if (secret && !visible) return { secret };
  return { value: text, ...(object && { objectValue: openValue(value, open) }), secret };
}

function jsonOf(raw: RawConfig, visible: boolean, open: (ciphertext: string) => string) {
  return Object.fromEntries([...raw].map(([key, value]) => [key, jsonEntry(value, visible, open)]));
}

function rowsOf(raw: RawConfig, project: string, open: (ciphertext: string) => string): string[][] {
  return [...raw].map(([key, value]) => {
    const name = key.startsWith(`${project}:`) ? key.slice(project.length + 1) : key;
    return [name, openConfigValue(value, open).value];
  });
}
