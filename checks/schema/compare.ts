// Compares what a stack wants with what the catalog has: one observation an object, one a group. Pure.
import { type Observation, observe } from "../step/definition.ts";
import { kebab } from "../step/kebab.ts";
import type { Catalog, Column, Table } from "./catalog.ts";
import { type ExpectedColumn, type ExpectedObjects, type ExpectedTable, named } from "./expected.ts";

/** What is wrong with an object; empty when it is as wanted. */
type Look = { id: string; name: string; expected: string; faults: string[]; seen: string };

export function compare(wanted: ExpectedObjects, catalog: Catalog): Observation[] {
  return [
    ...group("tables", tables(wanted, catalog)),
    ...group("row-security", rowSecurity(wanted, catalog)),
    ...group("indexes", indexes(wanted, catalog)),
    ...group("functions", functions(wanted, catalog)),
    ...group("triggers", triggers(wanted, catalog)),
    ...group("constraints", constraints(wanted, catalog)),
    ...group("policies", policies(wanted, catalog)),
    ...group("views", views(wanted, catalog)),
    ...group("extensions", extensions(wanted, catalog)),
    ...whole(catalog),
  ];
}

function group(id: string, looks: Look[]): Observation[] {
  if (looks.length === 0) return [];
  const right = looks.filter(({ faults }) => faults.length === 0);
  const wrong = looks.filter(({ faults }) => faults.length > 0).map(({ name }) => name);
  const names = looks.map(({ name }) => name).join(", ");
  return [
    observe(
      id,
      wrong.length === 0,
      `all ${looks.length} as wanted: ${names}`,
      wrong.length === 0
        ? `${right.length} as wanted`
        : `${right.length} as wanted; wrong: ${wrong.join(", ")}`,
    ),
    ...looks.map(({ id: item, expected, faults, seen }) =>
      observe(item, faults.length === 0, expected, faults.length === 0 ? seen : faults.join("; ")),
    ),
  ];
}

function tables(wanted: ExpectedObjects, { tables: present, columns }: Catalog): Look[] {
  return wanted.tables.map((entry) => {
    const expected = named<ExpectedTable>(entry);
    const found = present.find((t) => t.name === expected.name && isTable(t));
    const own = columns.filter((c) => c.table === expected.name);
    const listed = expected.columns ?? [];
    return {
      id: `table-${kebab(expected.name)}`,
      name: expected.name,
      expected: `table ${expected.name}${listed.length > 0 ? ` with ${listed.map(renderWanted).join(", ")}` : ""}`,
      faults: found ? [...columnFaults(expected, own), ...optionFaults(expected, found)] : ["no such table"],
      seen: `${own.length} columns: ${own.map((c) => c.name).join(", ")}`,
    };
  });
}

function columnFaults(expected: Partial<ExpectedTable>, present: Column[]): string[] {
  const listed = expected.columns ?? [];
  const faults = listed.flatMap((wanted) => {
    const found = present.find((c) => c.name === wanted.name);
    if (!found) return [`no column ${wanted.name}`];
    return [
      wanted.type !== undefined && longType(wanted.type) !== found.type
        ? `${wanted.name} is ${found.type}, want ${longType(wanted.type)}`
        : undefined,
      wanted.nullable !== undefined && wanted.nullable !== found.nullable
        ? `${wanted.name} is ${found.nullable ? "nullable" : "not null"}`
        : undefined,
      wanted.default !== undefined && wanted.default !== found.default
        ? `${wanted.name} has the default ${found.default ?? "none"}, want ${wanted.default ?? "none"}`
        : undefined,
    ].filter((fault) => fault !== undefined);
  });
  if (!expected.exactColumns) return faults;
  const names = new Set(listed.map((c) => c.name));
  return [...faults, ...present.filter((c) => !names.has(c.name)).map((c) => `unexpected column ${c.name}`)];
}

function optionFaults(expected: Partial<ExpectedTable>, found: Table): string[] {
  const set = new Map(found.options.map((option) => split(option)));
  return Object.entries(expected.options ?? {}).flatMap(([key, value]) => {
    const seen = set.get(key);
    const same = seen !== undefined && (seen === String(value) || Number(seen) === Number(value));
    return same ? [] : [`${key} is ${seen ?? "not set"}, want ${value}`];
  });
}

function rowSecurity(wanted: ExpectedObjects, catalog: Catalog): Look[] {
  return wanted.tables.flatMap((entry) => {
    const expected = named<ExpectedTable>(entry);
    if (expected.rowSecurity === undefined) return [];
    const found = catalog.tables.find((t) => t.name === expected.name);
    const state = !found?.rowSecurity ? "disabled" : found.rowSecurityForced ? "forced" : "enabled";
    const count = catalog.policies.filter((p) => p.table === expected.name).length;
    // Forced is enabled, and more; without a policy, row security lets nobody in, which is no isolation but an outage.
    const right =
      state === expected.rowSecurity || (expected.rowSecurity === "enabled" && state === "forced");
    const seen = found ? `row security ${state}, ${count} policies` : "no such table";
    return {
      id: `rls-${kebab(expected.name)}`,
      name: expected.name,
      expected: `row security ${expected.rowSecurity}${expected.rowSecurity === "disabled" ? "" : " with a policy"}`,
      faults: found && right && (count > 0 || state === "disabled") ? [] : [seen],
      seen,
    };
  });
}

function indexes(wanted: ExpectedObjects, catalog: Catalog): Look[] {
  return wanted.indexes.map((entry) => {
    const expected = named<Exclude<typeof entry, string>>(entry);
    const found = catalog.indexes.find(
      (i) => i.name === bare(expected.name) && inSchema(i.table, expected.name),
    );
    const leading = expected.columns ?? [];
    const faults = found
      ? [
          found.valid ? undefined : "INVALID: its build was interrupted; drop and rebuild it",
          expected.table === undefined || expected.table === found.table
            ? undefined
            : `on table ${found.table}`,
          leading.every((c, at) => found.columns[at] === c) ? undefined : `on (${found.columns.join(", ")})`,
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

function functions(wanted: ExpectedObjects, catalog: Catalog): Look[] {
  return wanted.functions.map((entry) => {
    const expected = named<Exclude<typeof entry, string>>(entry);
    const overloads = catalog.routines.filter((f) => f.name === expected.name);
    const found = overloads.find(
      (f) => expected.arguments === undefined || f.arguments === expected.arguments,
    );
    const path = found?.settings.map(split).find(([key]) => key === "search_path")?.[1];
    const faults = found
      ? [
          expected.security === undefined || expected.security === found.security
            ? undefined
            : `security ${found.security}`,
          expected.searchPath === undefined || expected.searchPath === path
            ? undefined
            : `search_path is ${path ?? "the caller's"}`,
          found.security === "definer" && path === undefined
            ? "security definer without a search_path of its own"
            : undefined,
        ].filter((fault) => fault !== undefined)
      : [
          overloads.length > 0
            ? `only with (${overloads.map((f) => f.arguments).join(") and (")})`
            : "no such function",
        ];
    return {
      id: `function-${kebab(expected.name)}`,
      name: expected.name,
      expected: `function ${expected.name}${expected.arguments === undefined ? "" : `(${expected.arguments})`}`,
      faults,
      seen: found
        ? `${found.name}(${found.arguments}) returns ${found.result ?? "nothing"}, ${found.language}, ${found.volatility}, security ${found.security}, search_path ${path ?? "of the caller"}`
        : "",
    };
  });
}

function triggers(wanted: ExpectedObjects, catalog: Catalog): Look[] {
  return wanted.triggers.map((expected) => {
    const found = catalog.triggers.find((t) => t.name === expected.name && t.table === expected.table);
    const other = expected.function !== undefined && found && found.function !== expected.function;
    const faults = !found
      ? ["no such trigger"]
      : [
          found.enabled ? undefined : "disabled",
          other ? `calls ${found.function}, want ${expected.function}` : undefined,
        ].filter((fault) => fault !== undefined);
    return item("trigger", expected, `trigger on ${expected.table}, enabled`, faults, found?.definition);
  });
}

function constraints(wanted: ExpectedObjects, catalog: Catalog): Look[] {
  return wanted.constraints.map((expected) => {
    const found = catalog.constraints.find((c) => c.name === expected.name && c.table === expected.table);
    const faults = !found
      ? ["no such constraint"]
      : found.validated
        ? []
        : ["NOT VALID: old rows were never checked"];
    return item(
      "constraint",
      expected,
      `validated constraint on ${expected.table}`,
      faults,
      found?.definition,
    );
  });
}

function policies(wanted: ExpectedObjects, catalog: Catalog): Look[] {
  return wanted.policies.map((expected) => {
    const found = catalog.policies.find((p) => p.name === expected.name && p.table === expected.table);
    const roles = expected.roles && [...expected.roles].sort().join(", ");
    const faults = !found
      ? ["no such policy"]
      : [
          expected.command === undefined || expected.command === found.command
            ? undefined
            : `for ${found.command}`,
          roles === undefined || roles === [...found.roles].sort().join(", ")
            ? undefined
            : `to ${found.roles.join(", ")}`,
        ].filter((fault) => fault !== undefined);
    const text = `policy on ${expected.table}${expected.command ? ` for ${expected.command}` : ""}${roles ? ` to ${roles}` : ""}`;
    const seen =
      found && `for ${found.command} to ${found.roles.join(", ")} using ${found.using ?? "nothing"}`;
    return item("policy", expected, text, faults, seen);
  });
}

function views(wanted: ExpectedObjects, catalog: Catalog): Look[] {
  return wanted.views.map((entry) => {
    const expected = named<Exclude<typeof entry, string>>(entry);
    const found = catalog.tables.find((t) => t.name === expected.name && t.kind.endsWith("view"));
    const materialized = found?.kind === "materialized view";
    const faults = !found
      ? ["no such view"]
      : [
          expected.materialized === undefined || expected.materialized === materialized
            ? undefined
            : found.kind,
          found.populated ? undefined : "never populated; REFRESH it",
        ].filter((fault) => fault !== undefined);
    const text = expected.materialized ? "materialized view, populated" : "view";
    return item("view", { name: expected.name }, text, faults, found?.kind);
  });
}

function extensions(wanted: ExpectedObjects, catalog: Catalog): Look[] {
  return wanted.extensions.map((entry) => {
    const expected = named<Exclude<typeof entry, string>>(entry);
    const found = catalog.extensions.find((e) => e.name === expected.name);
    const right = found && (expected.version === undefined || expected.version === found.version);
    const faults = right ? [] : [found ? `version ${found.version}` : "not installed"];
    return item(
      "extension",
      expected,
      `extension${expected.version ? ` ${expected.version}` : ""}`,
      faults,
      found?.version,
    );
  });
}

/** What no database should have, asked for or not. */
function whole(catalog: Catalog): Observation[] {
  const invalid = catalog.indexes.filter((i) => !i.valid).map((i) => i.name);
  return [
    observe(
      "indexes-valid",
      invalid.length === 0,
      "no INVALID index",
      invalid.length === 0
        ? `${catalog.indexes.length} indexes, all valid`
        : `INVALID: ${invalid.join(", ")}`,
    ),
  ];
}

function item(
  kind: string,
  { name, table }: { name: string; table?: string },
  expected: string,
  faults: string[],
  seen = "",
): Look {
  const id = `${kind}-${kebab(table === undefined ? name : `${table} ${name}`)}`;
  return { id, name, expected: `${name}: ${expected}`, faults, seen };
}

function isTable({ kind }: Table): boolean {
  return kind === "table" || kind === "partitioned" || kind === "foreign table";
}

function renderWanted({ name, type, nullable, default: value }: ExpectedColumn): string {
  const parts = [name, type && longType(type), nullable === false ? "not null" : undefined];
  return [...parts, value === undefined ? undefined : `default ${value ?? "none"}`]
    .filter((part) => part !== undefined)
    .join(" ");
}

const LONG: { [short: string]: string } = {
  int: "integer",
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  bool: "boolean",
  float4: "real",
  float8: "double precision",
  decimal: "numeric",
  timestamptz: "timestamp with time zone",
  timestamp: "timestamp without time zone",
  timetz: "time with time zone",
  time: "time without time zone",
  varchar: "character varying",
  char: "character",
};

/** `varchar(80)[]` is `character varying(80)[]` in the catalog. */
function longType(type: string): string {
  const [, base = type, rest = ""] = /^([a-z0-9_ ]+?)((?:\(.*\))?(?:\[\])*)$/i.exec(type.trim()) ?? [];
  return `${LONG[base.toLowerCase()] ?? base}${rest}`;
}

function bare(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}

function inSchema(table: string, name: string): boolean {
  return !name.includes(".") || table.startsWith(`${name.slice(0, name.indexOf("."))}.`);
}

function split(setting: string): [string, string] {
  const at = setting.indexOf("=");
  return [setting.slice(0, at), setting.slice(at + 1)];
}
