// postgresql.Schema. Its inline policies are deprecated in favour of Grant and not supported.

import { escapeIdentifier } from "pg";
import { resourceHandler } from "../handler.ts";
import { flag, text } from "../schema.ts";
import type { PostgresqlSession } from "./session.ts";

export const schema = resourceHandler<PostgresqlSession>()({
  inputs: {
    database: text({ computed: true, replace: true }),
    dropCascade: flag({ default: false, kept: true }),
    ifNotExists: flag({ default: true, kept: true }),
    name: text({ name: { maxLength: 63 } }),
    owner: text({ computed: true }),
  },
  outputs: {},

  identify: ({ database, name }, session) => `${database ?? session.settings.database}.${name}`,

  async observe(id, known, session) {
    const [idDatabase = "", ...idName] = id.split(".");
    const database = known.database ?? idDatabase;
    const [exists] = await session.rows("select from pg_database where datname = $1", [database]);
    if (!exists) return undefined;
    const [row] = await session.rows<{ nspname: string; owner: string }>(
      "select nspname, pg_get_userbyid(nspowner)::text as owner from pg_namespace where nspname = $1",
      [known.name ?? idName.join(".")],
      database,
    );
    return row && { database, name: row.nspname, owner: row.owner };
  },

  async create(desired, session) {
    const database = desired.database ?? session.settings.database;
    const owner = desired.owner ? ` authorization ${escapeIdentifier(desired.owner)}` : "";
    await session.write(
      [
        `create schema ${desired.ifNotExists ? "if not exists " : ""}${escapeIdentifier(desired.name)}${owner}`,
      ],
      database,
    );
    return `${database}.${desired.name}`;
  },

  async sync(_id, desired, observed, session) {
    const name = escapeIdentifier(desired.name);
    const before = escapeIdentifier(observed.name ?? desired.name);
    await session.write(
      [
        ...(before === name ? [] : [`alter schema ${before} rename to ${name}`]),
        ...(desired.owner ? [`alter schema ${name} owner to ${escapeIdentifier(desired.owner)}`] : []),
      ],
      desired.database,
    );
  },

  async delete(id, known, session) {
    const live = await this.observe(id, known, session);
    if (!live?.name) return;
    const how = known.dropCascade ? "cascade" : "restrict";
    await session.write([`drop schema if exists ${escapeIdentifier(live.name)} ${how}`], live.database);
  },
});
