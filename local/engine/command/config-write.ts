// Changing configuration values: what `config set`, `set-all` and their kin have in common.
import { parseConfigKey } from "../project/config-key.ts";
import type { Crypter } from "../state/passphrase.ts";
import type { Value } from "../types.ts";
import { splitPath } from "./config-get.ts";
import type { StackContext } from "./context.ts";

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
