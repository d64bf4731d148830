// Encoding and locale of a database: which characters its texts may have, and in which order they are. No part of a dump.
import type { Client } from "pg";

export interface Locale {
  encoding: string;
  collate: string;
  ctype: string;
  /** Since version 15: `c` is the C library, `i` ICU, `b` PostgreSQL itself. */
  provider: string | null;
  /** Of ICU and PostgreSQL itself. */
  locale: string | null;
  rules: string | null;
}

/** Undefined where the server has no such database. */
export async function readLocale(client: Client, database: string): Promise<Locale | undefined> {
  // Columns that not every version has are null where they are missing.
  const { rows } = await client.query<Locale>(
    `select pg_encoding_to_char(encoding) as encoding, datcollate as collate, datctype as ctype,
            row ->> 'datlocprovider' as provider, coalesce(row ->> 'datlocale', row ->> 'daticulocale') as locale,
            row ->> 'daticurules' as rules
       from pg_database d, to_jsonb(d) row where datname = $1`,
    [database],
  );
  return rows[0];
}

/** The options of CREATE DATABASE. */
export function localeOptions(client: Client, given: Locale): string {
  const { encoding, collate, ctype } = given;
  const text = (value: string) => client.escapeLiteral(value);
  return `encoding ${text(encoding)} lc_collate ${text(collate)} lc_ctype ${text(ctype)} ${providerOptions(client, given)}`;
}

function providerOptions(client: Client, { provider, locale, rules }: Locale): string {
  const text = (value: string | null) => client.escapeLiteral(value ?? "");
  if (provider === null) return "";
  if (provider === "i")
    return `locale_provider icu icu_locale ${text(locale)}${rules === null ? "" : ` icu_rules ${text(rules)}`}`;
  return provider === "b" ? `locale_provider builtin builtin_locale ${text(locale)}` : "locale_provider libc";
}
