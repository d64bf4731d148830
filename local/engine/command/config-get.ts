// `config get`: one value, in clear, as whoever asks for it by name wants it.
import { openValue, type RawConfig, scalarText } from "../project/config.ts";
import { parseConfigKey, parseConfigPath } from "../project/config-key.ts";
import { Failure } from "../state/failure.ts";
import type { Value } from "../types.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { jsonEntry, withDefaults } from "./config-list.ts";
import { openStackContext, openStackCrypter } from "./context.ts";

export const command: Command = {
  usage: "config get KEY",
  summary: "Prints one configuration value.",
  flags: {
    ...stackFlag,
    json: { kind: "boolean", short: "j", help: "print JSON" },
    path: { kind: "boolean", help: "the key is a path into an object" },
    "config-file": { kind: "text", help: "use this configuration file" },
  },
  refused: ["open"],
  arguments: [1, 1],
  async run(call) {
    const context = await openStackContext(call);
    const { project } = context;
    const text = call.args[0] ?? "";
    const [key, rest] = call.flags.on("path")
      ? splitPath(text, project.name)
      : [parseConfigKey(text, project.name), []];
    const value = valueAt(withDefaults(context), key, rest);
    if (value === undefined) {
      throw new Failure(
        `configuration key '${shownKey(key, project.name)}' not found for stack '${context.reference.name}'`,
      );
    }
    const crypter = await openStackCrypter(context, call);
    const open = (ciphertext: string) => crypter.decrypt(ciphertext);
    if (call.flags.on("json")) print(JSON.stringify(jsonEntry(value, true, open), null, 2));
    else {
      const opened = openValue(value, open);
      print(typeof opened === "object" && opened !== null ? JSON.stringify(opened) : scalarText(opened));
    }
    return 0;
  },
};

/** Key and inner path of a `--path` argument. */
export function splitPath(text: string, project: string): [string, (string | number)[]] {
  // A namespace may stand before the path: `ns:tree.list[0]`.
  const namespace = /^([A-Za-z0-9_-]+:(?:config:)?)(?=[^:])/.exec(text)?.[1] ?? "";
  const [first, ...rest] = parseConfigPath(text.slice(namespace.length));
  return [parseConfigKey(`${namespace}${first}`, project), rest];
}

/** A key as people write it: without the project's own namespace. */
export function shownKey(key: string, project: string): string {
  return key.startsWith(`${project}:`) ? key.slice(project.length + 1) : key;
}

function valueAt(raw: RawConfig, key: string, path: (string | number)[]): Value | undefined {
  let value = raw.get(key);
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Array.isArray(value) ? value[Number(step)] : value[step];
  }
  return value;
}
