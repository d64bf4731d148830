// Indexes and functions: what queries go by, and what runs with somebody's rights.
import { quoteName } from "../migrations/history.ts";
import { kebab } from "../step/kebab.ts";
import type { Catalog, Routine } from "./catalog.ts";
import { type ExpectedObjects, named } from "./expected.ts";
import { type Look, split } from "./look.ts";

export function indexes(wanted: ExpectedObjects, catalog: Catalog): Look[] {
  return wanted.indexes.map((entry) => {
    const expected = named<Exclude<typeof entry, string>>(entry);
    const found = catalog.indexes.find(
      (i) => i.name === bare(expected.name) && inSchema(i.table, expected.name),
    );
    const leading = expected.columns ?? [];
    const faults = found
      ? [
          found.valid
            ? undefined
            : found.building
              ? "not valid yet: somebody builds it right now; look again when that is done"
              : "INVALID: its build was interrupted; drop and rebuild it",
          expected.table === undefined || expected.table === found.table
            ? undefined
            : `on table ${found.table}`,
          leading.every((c, at) => [c, quoteName(c)].includes(found.columns[at] ?? ""))
            ? undefined
            : `on (${found.columns.join(", ")})`,
          expected.unique === undefined || expected.unique === found.unique
            ? undefined
            : `${found.unique ? "" : "not "}unique`,
        ].filter((fault) => fault !== undefined)
      : ["no such index"];
    return {
      id: `index-${kebab(expected.name)}`,
      name: expected.name,
      expected: `valid index ${expected.name}${expected.table ? ` on ${expected.table}` : ""}${leading.length > 0 ? ` (${leading.join(", ")})` : ""}`,
      faults,
      seen: found ? `valid, ${found.definition}` : "",
    };
  });
}

export function functions(wanted: ExpectedObjects, catalog: Catalog): Look[] {
  return wanted.functions.map((entry) => {
    const expected = named<Exclude<typeof entry, string>>(entry);
    const overloads = catalog.routines.filter((f) => f.name === expected.name);
    // A name alone means all that have it: one of them that is open is open, whichever the catalog tells first.
    const found = overloads.filter(
      (f) => expected.arguments === undefined || f.arguments === expected.arguments,
    );
    const prefix = (f: Routine) => (found.length > 1 ? `${f.name}(${f.arguments}): ` : "");
    const none =
      overloads.length > 0
        ? `only with (${overloads.map((f) => f.arguments).join(") and (")})`
        : "no such function";
    return {
      id: `function-${kebab(expected.name)}`,
      name: expected.name,
      expected: `function ${expected.name}${expected.arguments === undefined ? "" : `(${expected.arguments})`}`,
      faults:
        found.length === 0
          ? [none]
          : found.flatMap((f) => routineFaults(expected, f).map((fault) => `${prefix(f)}${fault}`)),
      seen: found.map(shown).join("; "),
    };
  });
}

function routineFaults(
  expected: { security?: string | undefined; searchPath?: string | undefined },
  found: Routine,
): string[] {
  const path = searchPathOf(found);
  return [
    expected.security === undefined || expected.security === found.security
      ? undefined
      : `security ${found.security}`,
    expected.searchPath === undefined || expected.searchPath === path
      ? undefined
      : `search_path is ${path ?? "the caller's"}`,
    found.security === "definer" && path === undefined
      ? "security definer without a search_path of its own"
      : undefined,
  ].filter((fault) => fault !== undefined);
}

function searchPathOf(found: Routine): string | undefined {
  return found.settings.map(split).find(([key]) => key === "search_path")?.[1];
}

function shown(f: Routine): string {
  return `${f.name}(${f.arguments}) returns ${f.result ?? "nothing"}, ${f.language}, ${f.volatility}, security ${f.security}, search_path ${searchPathOf(f) ?? "of the caller"}`;
}

function bare(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}

/** An index is in its table's schema; without a schema in its name it is wanted in `public`, whose tables stand alone. */
function inSchema(table: string, name: string): boolean {
  return name.includes(".") ? table.startsWith(`${name.slice(0, name.indexOf("."))}.`) : !table.includes(".");
}
