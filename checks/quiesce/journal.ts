// What was switched off and how it was before, written down beside the flags before anything is touched: whoever is killed half way
// can be followed up. In the database where there is one, else in Redis.
import { z } from "zod";
import { readOwn } from "../own-document.ts";
import type { Quiet } from "./definition.ts";
import type { Places } from "./places.ts";

const entry = () =>
  z.strictObject({
    /** `failed`: switched on again because a later step failed; the next run has to switch off again. */
    state: z.enum(["quiesced", "resumed", "failed"]),
    /** RFC 3339 UTC. */
    at: z.string(),
    flags: z.record(z.string(), z.string().nullable()),
    /** BullMQ queues that were paused before by somebody else. */
    paused: z.array(z.string()),
  });
export type Entry = z.output<ReturnType<typeof entry>>;

const UNDEFINED_TABLE = "42P01";
/** Made by the first run, also in a database that is empty but for it. */
export const JOURNAL = "greenlight_quiesce";

export async function readJournal(given: Quiet, places: Places): Promise<Entry | undefined> {
  const text =
    given.databaseUrl === undefined ? await fromRedis(given, places) : await fromDatabase(given, places);
  if (text === undefined) return undefined;
  const place = given.databaseUrl === undefined ? "Redis" : `table ${JOURNAL}`;
  const fix = "put flags and queues right by hand, then delete it";
  return readOwn(entry(), text, `${place}, entry ${keyOf(given)}`, fix);
}

/** In which state the last run left things; undefined before the first one. */
export async function lastState(given: Quiet, signal: AbortSignal): Promise<Entry["state"] | undefined> {
  const { withPlaces } = await import("./places.ts");
  return (await withPlaces(given, signal, (places) => readJournal(given, places)))?.state;
}

export async function writeJournal(written: Entry, given: Quiet, places: Places): Promise<void> {
  const text = JSON.stringify(written);
  if (given.databaseUrl === undefined) {
    await (await places.redis()).send(["SET", keyOf(given), text]);
    return;
  }
  const client = await places.database();
  await client.query(
    `create table if not exists ${JOURNAL} (deployment text primary key, entry jsonb not null)`,
  );
  await client.query(
    `insert into ${JOURNAL} values ($1, $2) on conflict (deployment) do update set entry = excluded.entry`,
    [keyOf(given), text],
  );
}

async function fromDatabase(given: Quiet, places: Places): Promise<string | undefined> {
  const client = await places.database();
  try {
    const { rows } = await client.query<{ entry: string }>(
      `select entry::text as entry from ${JOURNAL} where deployment = $1`,
      [keyOf(given)],
    );
    return rows[0]?.entry;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === UNDEFINED_TABLE) return undefined;
    throw error;
  }
}

async function fromRedis(given: Quiet, places: Places): Promise<string | undefined> {
  const text = await (await places.redis()).send(["GET", keyOf(given)]);
  return typeof text === "string" ? text : undefined;
}

function keyOf({ system, stack }: Quiet): string {
  return `greenlight:quiesce:${system}:${stack}`;
}
