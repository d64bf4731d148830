// A catalog as names with definitions, so that two databases can be compared object by object.
import type { HistoryPlace } from "../migrations/history.ts";
import { JOURNAL } from "../quiesce/journal.ts";
import type { Catalog } from "./catalog.ts";

/** By kind, e.g. `tables`: each object's name and its definition, which is compared whole. */
export type Objects = { [kind: string]: Map<string, string> };

/** What differs in one kind of object. */
export interface Difference {
  kind: string;
  /** How many objects are wanted. */
  wanted: number;
  /** `orders is missing`, `orders.id is {…}, want {…}` */
  faults: string[];
  /** Names of objects that are there and not wanted. */
  unexpected: string[];
}

/** The catalog without the history table, which is the runner's own. */
export function withoutHistory(catalog: Catalog, { schema, table }: HistoryPlace): Catalog {
  return withoutTables(catalog, [schema === "public" ? table : `${schema}.${table}`]);
}

/** The tables that quiesce writes to: like the history they are this program's own. */
export function journalsOf({ tables }: Catalog): string[] {
  return tables.map(({ name }) => name).filter((name) => name === JOURNAL || name.endsWith(`.${JOURNAL}`));
}

/** @param names `name` for the schema public, else `schema.name` */
export function withoutTables(catalog: Catalog, names: string[]): Catalog {
  const kept = (name: string) => !names.includes(name);
  return {
    ...catalog,
    tables: catalog.tables.filter((t) => kept(t.name)),
    columns: catalog.columns.filter((c) => kept(c.table)),
    constraints: catalog.constraints.filter((c) => kept(c.table)),
    indexes: catalog.indexes.filter((i) => kept(i.table)),
    // The sequences of their columns.
    others: catalog.others.filter((o) => !names.some((name) => o.name.startsWith(`${name}_`))),
  };
}

/** One entry a kind, also where nothing differs. */
export function compareObjects(wanted: Objects, seen: Objects): Difference[] {
  return Object.entries(wanted).map(([kind, objects]) => {
    const present = seen[kind] ?? new Map<string, string>();
    const faults = [...objects].flatMap(([name, definition]) => {
      const found = present.get(name);
      if (found === undefined) return [`${name} is missing`];
      return found === definition ? [] : [`${name} is ${found}, want ${definition}`];
    });
    const unexpected = [...present.keys()].filter((name) => !objects.has(name));
    return { kind, wanted: objects.size, faults, unexpected };
  });
}

export function objectsOf(catalog: Catalog): Objects {
  const map = <Item extends object>(
    items: Item[],
    name: (item: Item) => string,
    definition: (item: Item) => object,
  ) => new Map(items.map((item) => [name(item), text(definition(item))]));
  const inTable = ({ table, name }: { table: string; name: string }) => `${table}.${name}`;
  return {
    // Whether a view is populated depends on its last refresh, not on the migrations.
    tables: map(
      catalog.tables,
      (t) => t.name,
      ({ name: _name, populated: _populated, ...rest }) => rest,
    ),
    columns: map(catalog.columns, inTable, ({ table: _table, name: _name, ...rest }) => rest),
    constraints: map(catalog.constraints, inTable, ({ definition, validated }) => ({
      definition,
      validated,
    })),
    indexes: map(catalog.indexes, inTable, ({ definition, valid }) => ({ definition, valid })),
    functions: map(
      catalog.routines,
      (f) => `${f.name}(${f.arguments})`,
      ({ name: _name, arguments: _arguments, ...rest }) => rest,
    ),
    triggers: map(catalog.triggers, inTable, ({ definition, enabled }) => ({ definition, enabled })),
    policies: map(catalog.policies, inTable, ({ table: _table, name: _name, ...rest }) => rest),
    // The version is the server's own: an older database keeps the one it was made with.
    extensions: map(
      catalog.extensions,
      (e) => e.name,
      () => ({}),
    ),
    types: map(
      catalog.others,
      (o) => `${o.kind} ${o.name}`,
      ({ definition }) => ({ definition }),
    ),
  };
}

function text(definition: object): string {
  const parts = Object.entries(definition).map(
    ([key, value]) => `${key}: ${Array.isArray(value) ? value.join(", ") : value}`,
  );
  return `{${parts.join(", ")}}`.replace(/\s+/g, " ");
}
