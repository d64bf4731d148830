// What the migrations make of an empty database, compared with what the live one has: every object and every property of it.
// Exact, because the server itself renders both sides; needs a role that may create a database for a moment.
import { randomBytes } from "node:crypto";
import type { Client } from "pg";
import { connect, withDatabase } from "../database.ts";
import { readMigrations } from "../migrations/directory.ts";
import { type HistoryPlace, quoteName } from "../migrations/history.ts";
import { migrateUp } from "../migrations/up.ts";
import { type Observation, observe } from "../step/definition.ts";
import { messageOf } from "../step/host.ts";
import { type Catalog, readCatalog } from "./catalog.ts";

export interface DerivedOptions {
  /** Address of a role that may create databases on a server of the live one's version. */
  shadowUrl: string;
  directory: string;
  history: HistoryPlace;
  schemas: string[];
  /** Whether objects that no migration made are a fault. */
  extras: "refuse" | "allow";
  signal: AbortSignal;
}

const PREFIX = "greenlight_shadow";
/** Older ones were left behind by a killed run. */
const LEFTOVER_SECONDS = 3600;
const DROP_SECONDS = 30;

/** One observation a kind of object, e.g. `derived-tables`. @throws when the migrations cannot be run on an empty database */
export async function compareDerived(live: Catalog, options: DerivedOptions): Promise<Observation[]> {
  const { shadowUrl, history } = options;
  const name = `${PREFIX}_${Math.floor(Date.now() / 1000)}_${randomBytes(4).toString("hex")}`;
  await withDatabase(shadowUrl, { application: "schema shadow", signal: options.signal }, async (client) => {
    await dropLeftovers(client);
    await client.query(`create database ${name} template template0`).catch((error: Error) => {
      throw new Error(
        `shadow database: ${messageOf(error)}; name a role that may create databases in shadowUrl`,
      );
    });
  });
  try {
    const made = await shadowCatalog(name, options);
    return differences(without(made, history), without(live, history), options.extras);
  } finally {
    await drop(shadowUrl, name);
  }
}

async function shadowCatalog(database: string, options: DerivedOptions): Promise<Catalog> {
  const { signal, directory, history, schemas } = options;
  const session = { application: "schema shadow", signal, database };
  return withDatabase(options.shadowUrl, session, async (client) => {
    const { failure } = await migrateUp(client, readMigrations(directory), {
      place: history,
      lockTimeoutSeconds: 10,
      lockWaitSeconds: 10,
      statementTimeoutSeconds: 120,
      outOfOrder: "allow",
      gaps: "allow",
      release: "",
      signal,
      log: () => {},
    });
    if (failure)
      throw new Error(`shadow database: ${failure.message}; the migrations must run on an empty database`);
    return readCatalog(client, schemas);
  });
}

async function dropLeftovers(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "select datname as name from pg_database where datname ^@ $1",
    [`${PREFIX}_`],
  );
  const now = Date.now() / 1000;
  for (const { name } of rows) {
    const made = Number(/_(\d+)_[0-9a-f]{8}$/.exec(name)?.[1] ?? Number.NaN);
    // Another run may drop it at the same moment, or another role may own it.
    if (now - made > LEFTOVER_SECONDS)
      await client.query(`drop database if exists ${quoteName(name)} with (force)`).catch(() => {});
  }
}

/** Also after an abort: the copy must not stay. */
async function drop(shadowUrl: string, name: string): Promise<void> {
  const signal = AbortSignal.timeout(DROP_SECONDS * 1000);
  const client = await connect(shadowUrl, { application: "schema shadow", signal });
  try {
    await client.query(`drop database if exists ${name} with (force)`);
  } finally {
    await client.end();
  }
}

function without(catalog: Catalog, history: HistoryPlace): Catalog {
  const name = history.schema === "public" ? history.table : `${history.schema}.${history.table}`;
  return {
    ...catalog,
    tables: catalog.tables.filter((t) => t.name !== name),
    columns: catalog.columns.filter((c) => c.table !== name),
    constraints: catalog.constraints.filter((c) => c.table !== name),
    indexes: catalog.indexes.filter((i) => i.table !== name),
  };
}

// Faults that are shown of one kind; more would only bury the first ones.
const MOST_SHOWN = 8;

function differences(made: Catalog, live: Catalog, extras: "refuse" | "allow"): Observation[] {
  const [wanted, seen] = [flattened(made), flattened(live)];
  return Object.entries(wanted).map(([kind, objects]) => {
    const present = seen[kind] ?? new Map<string, string>();
    const faults = [...objects].flatMap(([name, definition]) => {
      const found = present.get(name);
      if (found === undefined) return [`${name} is missing`];
      return found === definition ? [] : [`${name} is ${found}, want ${definition}`];
    });
    const unexpected = [...present.keys()].filter((name) => !objects.has(name));
    const all =
      extras === "refuse"
        ? [...faults, ...unexpected.map((name) => `${name} is made by no migration`)]
        : faults;
    const more = all.length > MOST_SHOWN ? `; and ${all.length - MOST_SHOWN} more` : "";
    return observe(
      `derived-${kind}`,
      all.length === 0,
      `the ${objects.size} ${kind} that the migrations make`,
      all.length === 0
        ? `${objects.size} equal${unexpected.length > 0 ? `, ${unexpected.length} others` : ""}`
        : `${all.slice(0, MOST_SHOWN).join("; ")}${more}`,
    );
  });
}

/** Each object's name and its definition, which is compared whole. */
function flattened(catalog: Catalog): { [kind: string]: Map<string, string> } {
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
