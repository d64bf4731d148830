// What the migrations make of an empty database, compared with what the live one has: every object and every property of it.
// Exact, because the server itself renders both sides; needs a role that may create a database for a moment.
import { randomBytes } from "node:crypto";
import type { Client } from "pg";
import { createLike } from "../backup/scratch.ts";
import { connect, withDatabase } from "../database.ts";
import type { MigrationSet } from "../migrations/directory.ts";
import { type HistoryPlace, quoteName } from "../migrations/history.ts";
import { migrateUp } from "../migrations/up.ts";
import { type Observation, observe } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";
import { type Catalog, readCatalog } from "./catalog.ts";
import { compareObjects, journalsOf, objectsOf, withoutHistory, withoutTables } from "./objects.ts";

export interface DerivedOptions {
  /** Address of a role that may create databases on a server of the live one's version. */
  shadowUrl: string;
  /** Address of the live database, whose encoding and locale the empty one takes. */
  liveUrl: string;
  migrations: MigrationSet;
  /** The runner's own table, which is no part of the comparison. */
  history: HistoryPlace;
  schemas: string[];
  /** Also those that the migrations make. @default false */
  madeSchemas?: boolean;
  /** Further tables that are no part of it, `name` or `schema.name`. @default none */
  ignoredTables?: string[];
  /** Whether objects that no migration made are a fault. */
  extras: "refuse" | "allow";
  signal: AbortSignal;
}

const PREFIX = "greenlight_shadow";
/** Older ones were left behind by a killed run. */
const LEFTOVER_SECONDS = 3600;
const DROP_SECONDS = 30;

/**
 * One observation a kind of object, e.g. `derived-tables`.
 * @param live what the live database has in these schemas
 * @throws when the migrations cannot be run on an empty database
 */
export async function compareDerived(
  live: (schemas: string[]) => Promise<Catalog>,
  options: DerivedOptions,
): Promise<Observation[]> {
  const { shadowUrl, history, ignoredTables = [] } = options;
  const name = `${PREFIX}_${Math.floor(Date.now() / 1000)}_${randomBytes(4).toString("hex")}`;
  await withDatabase(shadowUrl, { application: "schema shadow", signal: options.signal }, async (client) => {
    await dropLeftovers(client);
    await createLike(client, name, options.liveUrl, options.signal).catch((error: Error) => {
      throw new Error(
        `shadow database: ${messageOf(error)}; name a role that may create databases in shadowUrl`,
      );
    });
  });
  try {
    const { schemas, catalog } = await shadowCatalog(name, options);
    const own = (one: Catalog) =>
      withoutTables(withoutHistory(one, history), [...ignoredTables, ...journalsOf(one)]);
    return differences(own(catalog), own(await live(schemas)), options.extras);
  } finally {
    await drop(shadowUrl, name);
  }
}

async function shadowCatalog(
  database: string,
  options: DerivedOptions,
): Promise<{ schemas: string[]; catalog: Catalog }> {
  const { signal, migrations, history } = options;
  const session = { application: "schema shadow", signal, database };
  return withDatabase(options.shadowUrl, session, async (client) => {
    const { failure } = await migrateUp(client, migrations, {
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
    const made = options.madeSchemas ? await userSchemas(client) : [];
    const schemas = [...new Set([...options.schemas, ...made])];
    return { schemas, catalog: await readCatalog(client, schemas) };
  });
}

/** All schemas but the system's and those of extensions. */
export async function userSchemas(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select n.nspname as name from pg_namespace n
     where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
       and not exists (select from pg_depend d where d.classid = 'pg_namespace'::regclass and d.objid = n.oid and d.deptype = 'e')
     order by 1`,
  );
  return rows.map(({ name }) => name);
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

// Faults that are shown of one kind; more would only bury the first ones.
const MOST_SHOWN = 8;

function differences(made: Catalog, live: Catalog, extras: "refuse" | "allow"): Observation[] {
  return compareObjects(objectsOf(made), objectsOf(live)).map(({ kind, wanted, faults, unexpected }) => {
    const all =
      extras === "refuse"
        ? [...faults, ...unexpected.map((name) => `${name} is made by no migration`)]
        : faults;
    const more = all.length > MOST_SHOWN ? `; and ${all.length - MOST_SHOWN} more` : "";
    return observe(
      `derived-${kind}`,
      all.length === 0,
      `the ${wanted} ${kind} that the migrations make`,
      all.length === 0
        ? `${wanted} equal${unexpected.length > 0 ? `, ${unexpected.length} others` : ""}`
        : `${all.slice(0, MOST_SHOWN).join("; ")}${more}`,
    );
  });
}
