// Command lines the way the official command reads them: `--name value`, `--name=value`, `-s value`, flags anywhere,
// everything after `--` an argument. Flags of the official command that this one lacks are refused by name.
import { Failure, notSupported } from "../state/failure.ts";

/** How a flag takes its value. `optional` flags take one only as `--name=value`. */
export type FlagKind = "boolean" | "text" | "optional";

/** One flag; `help` is a sentence without period. */
export interface Flag {
  kind: FlagKind;
  short?: string;
  /** May be given any number of times. */
  many?: true;
  help: string;
}

export type FlagTable = { readonly [name: string]: Flag };

/** Flags and arguments of one call. */
export class ParsedFlags {
  readonly #values = new Map<string, string[]>();

  add(name: string, value: string): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The last value given. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** All values in order. One flag, one value, as with the official command: a value may hold commas. */
  list(name: string): string[] {
    return this.#values.get(name) ?? [];
  }

  /** True when given and not `=false`. @throws Failure for anything but a boolean. */
  on(name: string): boolean {
    const value = this.text(name) ?? "false";
    if (value === "true" || value === "1" || value === "t") return true;
    if (value === "false" || value === "0" || value === "f") return false;
    throw new Failure(`invalid argument "${value}" for "--${name}" flag: want true or false`);
  }

  /** A whole number, at least `least`. @throws Failure for anything else. */
  count(name: string, least: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < least) {
      throw new Failure(
        `invalid argument "${value}" for "--${name}" flag: want a whole number of at least ${least}`,
      );
    }
    return number;
  }

  get names(): string[] {
    return [...this.#values.keys()];
  }
}

/** Splits a command line. @throws Failure for an unknown, refused or incomplete flag. */
export function parseFlags(
  args: readonly string[],
  table: FlagTable,
  refused: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): { flags: ParsedFlags; positionals: string[] } {
  const flags = optionsOf(environment, table, refused);
  const positionals: string[] = [];
  const shorts = new Map(
    Object.entries(table).flatMap(([name, { short }]) => (short ? [[short, name]] : [])),
  );
  const left = [...args];
  for (let next = left.shift(); next !== undefined; next = left.shift()) {
    if (next === "--") {
      positionals.push(...left);
      break;
    }
    const [arg = "", ...others] = apart(next, shorts, table);
    left.unshift(...others);
    const { name, shown, inline } = nameOf(arg, shorts);
    if (name === undefined) {
      positionals.push(arg);
      continue;
    }
    const flag = table[name];
    if (!flag) {
      if (refused.includes(name)) throw notSupported(`flag --${name}`);
      throw new Failure(
        shown.startsWith("--") ? `unknown flag: ${shown}` : `unknown shorthand flag: ${shown}`,
      );
    }
    if (inline !== undefined) flags.add(name, inline);
    else if (flag.kind === "boolean" || flag.kind === "optional") flags.add(name, "true");
    else {
      const value = left.shift();
      if (value === undefined) throw new Failure(`flag needs an argument: ${shown}`);
      flags.add(name, value);
    }
  }
  return { flags, positionals };
}

/** Flags of the environment, `PULUMI_OPTION_TARGET` for `--target`: what the command line says comes after and counts. */
function optionsOf(
  environment: NodeJS.ProcessEnv,
  table: FlagTable,
  refused: readonly string[],
): ParsedFlags {
  const flags = new ParsedFlags();
  const variableOf = (name: string) => `PULUMI_OPTION_${name.replaceAll("-", "_").toUpperCase()}`;
  for (const name of refused) {
    if (!["", "0", "false"].includes(environment[variableOf(name)]?.toLowerCase() ?? ""))
      throw notSupported(`variable ${variableOf(name)}`);
  }
  for (const [name, flag] of Object.entries(table)) {
    const value = environment[variableOf(name)];
    if (value === undefined) continue;
    if (flag.kind === "boolean") flags.add(name, value.toLowerCase());
    else for (const part of flag.many ? value.split(",") : [value]) flags.add(name, part);
  }
  return flags;
}

/** `-yf` is `-y` and `-f`: what follows a letter that takes no value is the next letter. */
function apart(arg: string, shorts: ReadonlyMap<string, string>, table: FlagTable): string[] {
  const [, letter = "", rest] = /^-([A-Za-z])([^=].*)$/s.exec(arg) ?? [];
  const kind = table[shorts.get(letter) ?? ""]?.kind;
  return rest && (kind === "boolean" || kind === "optional") ? [`-${letter}`, `-${rest}`] : [arg];
}

function nameOf(
  arg: string,
  shorts: ReadonlyMap<string, string>,
): { name?: string; shown: string; inline?: string } {
  const long = /^--([^=]+)(?:=(.*))?$/s.exec(arg);
  if (long?.[1])
    return { name: long[1], shown: `--${long[1]}`, ...(long[2] !== undefined && { inline: long[2] }) };
  const short = /^-([A-Za-z])=?(.*)$/s.exec(arg);
  if (!short?.[1]) return { shown: arg };
  const name = shorts.get(short[1]) ?? `-${short[1]}`;
  return { name, shown: `'${short[1]}' in ${arg}`, ...(short[2] && { inline: short[2] }) };
}
