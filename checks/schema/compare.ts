// Compares what a stack wants with what the catalog has: one observation an object, one a group. Pure.
import { type Observation, observe } from "../step/definition.ts";
import type { Catalog } from "./catalog.ts";
import { functions, indexes } from "./code-looks.ts";
import type { ExpectedObjects } from "./expected.ts";
import type { Look } from "./look.ts";
import { constraints, extensions, policies, triggers, views } from "./other-looks.ts";
import { rowSecurity, tables } from "./table-looks.ts";

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

/** What no database should have, asked for or not. */
function whole(catalog: Catalog): Observation[] {
  const names = (building: boolean) =>
    catalog.indexes.filter((i) => !i.valid && i.building === building).map((i) => i.name);
  const [invalid, building] = [names(false), names(true)];
  const others = building.length === 0 ? "all valid" : `being built right now: ${building.join(", ")}`;
  return [
    observe(
      "indexes-valid",
      invalid.length === 0,
      "no INVALID index",
      invalid.length === 0
        ? `${catalog.indexes.length} indexes, ${others}`
        : `INVALID: ${invalid.join(", ")}`,
    ),
  ];
}
