// A database that exists for one restore and is dropped in any case; what a killed run left behind is dropped first.
import { randomBytes } from "node:crypto";
import type { Client } from "pg";
import { withDatabase } from "../database.ts";
import { type Locale, localeOptions, readLocale } from "./locale.ts";

const PREFIX = "greenlight_restore_";

// Of the time that an aborted step has left.
const DROP_SECONDS = 4;

/**
 * Creates an empty database with the source's encoding and locale, runs `use` with its name, and drops it.
 * @param serverUrl any database of the server, with a role that may create databases
 * @param sourceUrl the source, which may be on another server
 */
export async function withScratchDatabase<T>(
  serverUrl: string,
  sourceUrl: string,
  signal: AbortSignal,
  use: (database: string) => Promise<T>,
): Promise<T> {
  const database = `${PREFIX}${secondsNow()}_${randomBytes(6).toString("hex")}`;
  await withDatabase(serverUrl, { application: "restore drill", signal }, async (admin) => {
    await dropLeftovers(admin);
    await createLike(admin, database, sourceUrl, signal);
  });
  try {
    return await use(database);
  } finally {
    // In a session of its own: the step's signal cancels what runs under it, and this must run after an abort too.
    await withGrace(signal, (grace) =>
      withDatabase(serverUrl, { application: "restore drill", signal: grace }, (admin) =>
        admin.query(`drop database if exists ${database} with (force)`),
      ),
    );
  }
}

/** The server waits for a checkpoint before it drops a database: only an aborted step has no time for that. */
async function withGrace(step: AbortSignal, use: (grace: AbortSignal) => Promise<unknown>): Promise<void> {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer = setTimeout(() => late.abort(step.reason), DROP_SECONDS * 1000);
  };
  if (step.aborted) begin();
  else step.addEventListener("abort", begin, { once: true });
  try {
    await use(late.signal);
  } finally {
    step.removeEventListener("abort", begin);
    clearTimeout(timer);
  }
}

/** Those of more than an hour ago without a session: a living restore has one nearly all the time. */
async function dropLeftovers(admin: Client): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    `select datname as name from pg_database d where starts_with(datname, $1)
        and not exists (select from pg_stat_activity a where a.datname = d.datname)`,
    [PREFIX],
  );
  const old = rows.filter(({ name }) => secondsNow() - Number(name.split("_").at(-2)) > 3600);
  for (const { name } of old) await admin.query(`drop database if exists ${admin.escapeIdentifier(name)}`);
}

function secondsNow(): number {
  return Math.floor(Date.now() / 1000);
}

async function localeOfCurrent(source: Client): Promise<Locale | undefined> {
  const { rows } = await source.query<{ name: string }>("select current_database() as name");
  return rows[0] && readLocale(source, rows[0].name);
}

// What PostgreSQL says of a locale that its machine has not, of ICU that it was built without, of options of later versions.
const UNKNOWN_LOCALE = ["42809", "0A000", "42601"];

/**
 * Creates an empty database with the source's encoding and locale. Another server need not know the source's locale: then C, which
 * goes with every encoding, and that decides which texts can be loaded.
 * @param database an identifier that needs no quotes
 */
export async function createLike(
  admin: Client,
  database: string,
  sourceUrl: string,
  signal: AbortSignal,
): Promise<void> {
  const like = await withDatabase(sourceUrl, { application: "restore drill", signal }, localeOfCurrent);
  const statement = `create database ${database} template template0`;
  if (!like) return void (await admin.query(statement));
  try {
    await admin.query(`${statement} ${localeOptions(admin, like)}`);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && UNKNOWN_LOCALE.includes(String(error.code))))
      throw error;
    const plain = { ...like, collate: "C", ctype: "C", provider: null };
    await admin.query(`${statement} ${localeOptions(admin, plain)}`);
  }
}
