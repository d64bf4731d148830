// Whether autovacuum goes by the settings that were decided for a table, and runs at all.
import type { Client } from "pg";
import { z } from "zod";
import { type Observation, observe } from "../step/definition.ts";
import { kebab } from "../step/kebab.ts";
import { oidOf } from "./relation.ts";

export const autovacuumSettings = () =>
  z
    .record(
      z.string().min(1),
      z
        .record(
          z.string().regex(/^(toast\.)?autovacuum_[a-z_]+$/, "must be an autovacuum_ parameter"),
          z.union([z.number(), z.boolean()]),
        )
        .refine((settings) => Object.keys(settings).length > 0, "must name a parameter"),
    )
    .default({});
type Settings = z.output<ReturnType<typeof autovacuumSettings>>;

export async function autovacuum(client: Client, wanted: Settings): Promise<Observation[]> {
  const tables = Object.entries(wanted);
  if (tables.length === 0) return [];
  const { rows } = await client.query<{ running: boolean }>(
    "select current_setting('autovacuum')::boolean and current_setting('track_counts')::boolean as running",
  );
  const observations = [
    observe(
      "autovacuum",
      rows[0]?.running ?? false,
      "autovacuum and track_counts on",
      rows[0]?.running ? "both on" : "switched off for the whole server",
    ),
  ];
  for (const [table, settings] of tables) observations.push(await one(client, table, settings));
  return observations;
}

async function one(client: Client, table: string, settings: Settings[string]): Promise<Observation> {
  const id = `autovacuum-${kebab(table)}`;
  const expected = Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
  const oid = await oidOf(client, table);
  if (oid === undefined) return observe(id, false, expected, "no such table");
  const { rows } = await client.query<{ option: string }>(
    `select unnest(reloptions) as option from pg_class where oid = $1
     union all
     select 'toast.' || unnest(t.reloptions) from pg_class c join pg_class t on t.oid = c.reltoastrelid where c.oid = $1`,
    [oid],
  );
  const set = new Map(
    rows.map(({ option }) => [option.slice(0, option.indexOf("=")), option.slice(option.indexOf("=") + 1)]),
  );
  const seen = Object.entries(settings).map(([key, value]) => ({ key, value, is: set.get(key) }));
  return observe(
    id,
    seen.every(({ value, is }) => is !== undefined && sameValue(value, is)),
    expected,
    seen.map(({ key, is }) => `${key}=${is ?? "not set"}`).join(", "),
  );
}

/** The catalog keeps the text that was written: `0.05` or `5e-2`, `on` or `true`. */
function sameValue(wanted: number | boolean, text: string): boolean {
  if (typeof wanted === "number") return Number(text) === wanted;
  return /^(on|true|yes|1)$/i.test(text) === wanted;
}
