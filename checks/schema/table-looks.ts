// Tables: their columns, storage parameters and row security.
import { kebab } from "../step/kebab.ts";
import type { Catalog, Column, Table } from "./catalog.ts";
import { type ExpectedColumn, type ExpectedObjects, type ExpectedTable, named } from "./expected.ts";
import { type Look, split } from "./look.ts";

export function tables(wanted: ExpectedObjects, { tables: present, columns }: Catalog): Look[] {
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
    const same = seen !== undefined && (plain(seen) === plain(value) || Number(seen) === Number(value));
    return same ? [] : [`${key} is ${seen ?? "not set"}, want ${value}`];
  });
}

/** The catalog keeps the text that was written: `off` or `false`. */
function plain(value: string | number | boolean): string {
  const text = String(value).toLowerCase();
  if (["on", "yes"].includes(text)) return "true";
  return ["off", "no"].includes(text) ? "false" : text;
}

export function rowSecurity(wanted: ExpectedObjects, catalog: Catalog): Look[] {
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

/** `varchar(80)[]` is `character varying(80)[]` in the catalog, `timestamptz(3)` is `timestamp(3) with time zone`. */
function longType(type: string): string {
  const [, base = type, size = "", list = ""] =
    /^([a-z0-9_ ]+?)((?:\(.*\))?)((?:\[\])*)$/i.exec(type.trim()) ?? [];
  const long = LONG[base.toLowerCase()] ?? base;
  const figures = size.replaceAll(" ", "");
  return `${long.endsWith("time zone") ? long.replace(" ", `${figures} `) : long + figures}${list}`;
}
