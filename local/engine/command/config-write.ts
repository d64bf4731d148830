// Changing configuration values: what `config set`, `set-all` and their kin have in common.
import { parseConfigKey } from "../project/config-key.ts";
import { Failure } from "../state/failure.ts";
import type { Crypter } from "../state/passphrase.ts";
import type { Value } from "../types.ts";
import type { Call } from "./command.ts";
import { splitPath } from "./config-get.ts";
import { openStackCrypter, type StackContext } from "./context.ts";

/** One assignment of a command line. */
export interface Assignment {
  key: string;
  value: string;
  secret: boolean;
  path: boolean;
}

/** Puts a value into the stack file in memory, sealed when secret. */
export function assign(context: StackContext, crypter: Crypter | undefined, assignment: Assignment): void {
  const { file, project } = context;
  const [key, rest] = assignment.path
    ? splitPath(assignment.key, project.name)
    : [parseConfigKey(assignment.key, project.name), []];
  const inner = rest.length > 0;
  const value: Value =
    assignment.secret && crypter
      ? { secure: crypter.encrypt(assignment.value) }
      : inner
        ? typedValue(assignment.value)
        : assignment.value;
  file.set([keyInFile(context, key), ...rest], value);
}

/** Puts the values of `--config` into the stack file, as each of preview, up, refresh and destroy does before it begins. */
export async function setConfiguration(call: Call, context: StackContext): Promise<void> {
  const settings = call.flags.list("config");
  if (settings.length === 0) return;
  await openStackCrypter(context, call);
  for (const setting of settings) {
    const [key = "", ...value] = setting.split("=");
    if (value.length === 0) throw new Failure(`--config "${key}": want KEY=VALUE`);
    assign(context, undefined, {
      key,
      value: value.join("="),
      secret: false,
      path: call.flags.on("config-path"),
    });
  }
  await context.file.write();
}

/** The key as the file spells it; a new one is written in full. */
export function keyInFile({ file, project }: StackContext, key: string): string {
  const same = Object.keys(file.config).find((written) => parseConfigKey(written, project.name) === key);
  return same ?? key;
}

// Inside an object, booleans and whole numbers are written as such. 007 stays a text.
function typedValue(text: string): Value {
  if (text === "true") return true;
  if (text === "false") return false;
  return /^-?(0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text;
}
