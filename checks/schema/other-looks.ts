// Triggers, constraints, policies, views and extensions.
import { kebab } from "../step/kebab.ts";
import type { Catalog } from "./catalog.ts";
import { type ExpectedObjects, named } from "./expected.ts";
import type { Look } from "./look.ts";

export function triggers(wanted: ExpectedObjects, catalog: Catalog): Look[] {
  return wanted.triggers.map((expected) => {
    const found = catalog.triggers.find((t) => t.name === expected.name && t.table === expected.table);
    // A name alone means the function of any schema, such as an extension's.
    const names = found && [found.function, found.function.slice(found.function.indexOf(".") + 1)];
    const other = expected.function !== undefined && found && !names?.includes(expected.function);
    const faults = !found
      ? ["no such trigger"]
      : [
          found.enabled ? undefined : "disabled",
          other ? `calls ${found.function}, want ${expected.function}` : undefined,
        ].filter((fault) => fault !== undefined);
    return item("trigger", expected, `trigger on ${expected.table}, enabled`, faults, found?.definition);
  });
}

export function constraints(wanted: ExpectedObjects, catalog: Catalog): Look[] {
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

export function policies(wanted: ExpectedObjects, catalog: Catalog): Look[] {
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

export function views(wanted: ExpectedObjects, catalog: Catalog): Look[] {
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

export function extensions(wanted: ExpectedObjects, catalog: Catalog): Look[] {
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
