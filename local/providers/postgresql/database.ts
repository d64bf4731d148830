// postgresql.Database.

import { escapeIdentifier, escapeLiteral } from "pg";
import { resourceHandler } from "../handler.ts";
import { flag, number, text } from "../schema.ts";
import type { PostgresqlSession } from "./session.ts";

interface DatabaseRow {
  datname: string;
  owner: string;
  encoding: string;
  datcollate: string;
  datctype: string;
  tablespace: string;
  datconnlimit: number;
  datallowconn: boolean;
  datistemplate: boolean;
}

export const database = resourceHandler<PostgresqlSession>()({
  inputs: {
    allowConnections: flag({ default: true }),
    alterObjectOwnership: flag({ default: false, kept: true }),
    connectionLimit: number({ default: -1, minimum: -1 }),
    encoding: text({ computed: true, replace: true }),
    isTemplate: flag({ computed: true }),
    lcCollate: text({ computed: true, replace: true }),
    lcCtype: text({ computed: true, replace: true }),
    name: text({ name: { maxLength: 63 } }),
    owner: text({ computed: true }),
    tablespaceName: text({ computed: true }),
    template: text({ computed: true, replace: true, kept: true }),
  },
  outputs: {},

  identify: (desired) => desired.name,

  async observe(id, known, session) {
    const [row] = await session.rows<DatabaseRow>(
      `select datname, pg_get_userbyid(datdba)::text as owner, pg_encoding_to_char(encoding)::text as encoding,
              datcollate, datctype, spcname as tablespace, datconnlimit, datallowconn, datistemplate
         from pg_database d join pg_tablespace t on t.oid = dattablespace where datname = $1`,
      [known.name ?? id],
    );
    return (
      row && {
        name: row.datname,
        owner: row.owner,
        encoding: row.encoding,
        lcCollate: row.datcollate,
        lcCtype: row.datctype,
        tablespaceName: row.tablespace,
        connectionLimit: row.datconnlimit,
        allowConnections: row.datallowconn,
        isTemplate: row.datistemplate,
      }
    );
  },

  async create(desired, session) {
    // The official provider's choices: template0 is the one template that every encoding and locale can be made from.
    const { template = "template0", encoding = "UTF8", lcCollate = "C", lcCtype = "C" } = desired;
    await session.writeAlone(
      [
        `create database ${escapeIdentifier(desired.name)}`,
        `template ${escapeIdentifier(template)} encoding ${escapeLiteral(encoding)}`,
        `lc_collate ${escapeLiteral(lcCollate)} lc_ctype ${escapeLiteral(lcCtype)}`,
        ...(desired.owner ? [`owner ${escapeIdentifier(desired.owner)}`] : []),
        ...(desired.tablespaceName ? [`tablespace ${escapeIdentifier(desired.tablespaceName)}`] : []),
        `connection limit ${desired.connectionLimit} allow_connections ${desired.allowConnections}`,
        `is_template ${desired.isTemplate ?? false}`,
      ].join(" "),
    );
    return desired.name;
  },

  async sync(id, desired, observed, session) {
    const before = observed.name ?? id;
    const name = escapeIdentifier(desired.name);
    if (before !== desired.name) {
      await session.disconnect(before);
      await session.writeAlone(`alter database ${escapeIdentifier(before)} rename to ${name}`);
    }
    const { owner, tablespaceName, isTemplate = observed.isTemplate ?? false } = desired;
    if (owner && owner !== observed.owner) {
      await session.writeAlone(`alter database ${name} owner to ${escapeIdentifier(owner)}`);
      if (desired.alterObjectOwnership && observed.owner)
        await handOver(desired.name, observed.owner, owner, session);
    }
    if (tablespaceName && tablespaceName !== observed.tablespaceName) {
      await session.disconnect(desired.name);
      await session.writeAlone(`alter database ${name} set tablespace ${escapeIdentifier(tablespaceName)}`);
    }
    await session.writeAlone(
      `alter database ${name} with connection limit ${desired.connectionLimit}` +
        ` allow_connections ${desired.allowConnections} is_template ${isTemplate}`,
    );
  },

  async delete(id, known, session) {
    const name = known.name ?? id;
    await session.disconnect(name);
    if (known.isTemplate)
      await session.writeAlone(`alter database ${escapeIdentifier(name)} is_template false`);
    await session.writeAlone(`drop database if exists ${escapeIdentifier(name)} with (force)`);
  },
});

async function handOver(name: string, from: string, to: string, session: PostgresqlSession): Promise<void> {
  await session.write([`reassign owned by ${escapeIdentifier(from)} to ${escapeIdentifier(to)}`], name);
}
