// Configuration of a stack: raw values of the stack file, opened, and merged with the project's defaults.
import { Failure } from "../state/failure.ts";
import type { Crypter } from "../state/passphrase.ts";
import type { ConfigValue, Value } from "../types.ts";
import { parseConfigKey } from "./config-key.ts";
import { isObject } from "./project-file.ts";

type Json = { [key: string]: Value };

/** A configuration with full keys, in key order; values as in the stack file. */
export type RawConfig = Map<string, Value>;

/** Completes and sorts the keys of a `config` section. */
export function readRawConfig(section: Json, project: string): RawConfig {
  const entries = Object.entries(section).map(([key, value]): [string, Value] => [
    parseConfigKey(key, project),
    value,
  ]);
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The ciphertext of `{secure: …}`, undefined for any other value. */
export function secureText(value: Value): string | undefined {
  if (!isObject(value) || Object.keys(value).length !== 1) return undefined;
  return typeof value.secure === "string" ? value.secure : undefined;
}

/** True when the value is, or holds, a secret. */
export function holdsSecret(value: Value): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (secureText(value) !== undefined) return true;
  return Object.values(value).some(holdsSecret);
}

/** One value with its secrets replaced: by `open` of the ciphertext, keys sorted. */
export function openValue(value: Value, open: (ciphertext: string) => Value): Value {
  if (typeof value !== "object" || value === null) return value;
  const ciphertext = secureText(value);
  if (ciphertext !== undefined) return open(ciphertext);
  if (Array.isArray(value)) return value.map((element) => openValue(element, open));
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, element]) => [key, openValue(element, open)]));
}

/** A scalar of YAML as the text that a program reads. */
export function scalarText(value: Value): string {
  return value === null ? "" : String(value);
}

/** The configuration a program sees: objects as JSON text, secrets decrypted. @throws Failure naming the key. */
export function openConfig(raw: RawConfig, crypter: Crypter): Map<string, ConfigValue> {
  const opened = new Map<string, ConfigValue>();
  for (const [key, value] of raw) {
    try {
      opened.set(
        key,
        openConfigValue(value, (ciphertext) => crypter.decrypt(ciphertext)),
      );
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw new Failure(`configuration "${key}": ${error.message}`, error.exitCode, { cause: error });
    }
  }
  return opened;
}

/** One value as a program sees it. */
export function openConfigValue(value: Value, open: (ciphertext: string) => string): ConfigValue {
  const secret = holdsSecret(value);
  const hidden: string[] = [];
  const opened = openValue(value, (ciphertext) => {
    const text = open(ciphertext);
    hidden.push(text);
    return text;
  });
  const object = typeof value === "object" && value !== null && secureText(value) === undefined;
  return object
    ? { value: JSON.stringify(opened), secret, object: true, ...(secret && { hidden }) }
    : { value: scalarText(opened), secret };
}
