// postgresql.Extension.

import { escapeIdentifier, escapeLiteral } from "pg";
import { resourceHandler } from "../handler.ts";
import { flag, text } from "../schema.ts";
import type { PostgresqlSession } from "./session.ts";

export const extension = resourceHandler<PostgresqlSession>()({
  inputs: {
    createCascade: flag({ default: false, kept: true }),
    database: text({ computed: true, replace: true }),
    dropCascade: flag({ default: false, kept: true }),
    name: text({ required: true, replace: true }),
    schema: text({ computed: true }),
    version: text({ computed: true }),
  },
  outputs: {},

  identify: ({ database, name }, session) => `${database ?? session.settings.database}.${name}`,

  async observe(id, known, session) {
    const [idDatabase = "", ...name] = id.split(".");
    const database = known.database ?? idDatabase;
    const [exists] = await session.rows("select from pg_database where datname = $1", [database]);
    if (!exists) return undefined;
    const [row] = await session.rows<{ extname: string; schema: string; extversion: string }>(
      `select extname, nspname as schema, extversion
         from pg_extension join pg_namespace n on n.oid = extnamespace where extname = $1`,
      [name.join(".")],
      database,
    );
    return row && { database, name: row.extname, schema: row.schema, version: row.extversion };
  },

  async create(desired, session) {
    const database = desired.database ?? session.settings.database;
    const { name, schema, version, createCascade } = desired;
    const options = [
      ...(schema ? [`schema ${escapeIdentifier(schema)}`] : []),
      ...(version ? [`version ${escapeLiteral(version)}`] : []),
      ...(createCascade ? ["cascade"] : []),
    ];
    await session.write(
      [`create extension if not exists ${escapeIdentifier(name)} ${options.join(" ")}`],
      database,
    );
    return `${database}.${name}`;
  },

  async sync(_id, desired, observed, session) {
    const name = escapeIdentifier(desired.name);
    const { schema, version } = desired;
    await session.write(
      [
        ...(schema && schema !== observed.schema
          ? [`alter extension ${name} set schema ${escapeIdentifier(schema)}`]
          : []),
        ...(version && version !== observed.version
          ? [`alter extension ${name} update to ${escapeLiteral(version)}`]
          : []),
      ],
      observed.database,
    );
  },

  async delete(id, known, session) {
    const live = await this.observe(id, known, session);
    if (!live?.name) return;
    const how = known.dropCascade ? "cascade" : "restrict";
    await session.write([`drop extension if exists ${escapeIdentifier(live.name)} ${how}`], live.database);
  },
});
