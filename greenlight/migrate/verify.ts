// `greenlight migrate verify`: whether the database is what its migrations make, object by object.
import { withDatabase } from "../../checks/database.ts";
import { SOURCES } from "../../checks/migrations/adoption.ts";
import type { MigrationSet } from "../../checks/migrations/directory.ts";
import { readHistory } from "../../checks/migrations/history.ts";
import { readCatalog } from "../../checks/schema/catalog.ts";
import { compareDerived, userSchemas } from "../../checks/schema/derived.ts";
import { type Observation, observe } from "../../checks/step/definition.ts";
import { filesOf, type Options, print, session } from "./options.ts";

export async function verify(options: Options): Promise<number> {
  const all = filesOf(options);
  const observations = await session(options, async (client, signal) => {
    const set = await appliedOf(options, all);
    const schemas = await userSchemas(client);
    const unfilled: string[] = [];
    const derived = await compareDerived(
      async (found) => {
        const catalog = await readCatalog(client, found);
        unfilled.push(...catalog.tables.filter(({ populated }) => !populated).map(({ name }) => name));
        return catalog;
      },
      {
        shadowUrl: options.shadowUrl,
        liveUrl: options.databaseUrl,
        migrations: set,
        history: options.place,
        schemas,
        madeSchemas: true,
        ignoredTables: Object.values(SOURCES).map(({ place: { schema, table } }) =>
          schema === "public" ? table : `${schema}.${table}`,
        ),
        extras: options.extras,
        signal,
      },
    );
    const filled = observe(
      "populated",
      unfilled.length === 0,
      "every materialized view is filled",
      unfilled.length === 0 ? "none is empty" : `never filled: ${unfilled.join(", ")}`,
    );
    if (!options.json)
      print(
        `compared with what ${set.migrations.length} of ${all.migrations.length} files make of an empty database`,
      );
    return [...derived, filled];
  });
  const drifted = observations.filter(({ result }) => result !== "passed");
  if (options.json) print(JSON.stringify({ drift: drifted.length, observations }));
  else for (const line of observations.map(lineOf)) print(line);
  return drifted.length > 0 ? 1 : 0;
}

/** The files that the database says were applied; all of them where it has no history. */
async function appliedOf(options: Options, set: MigrationSet): Promise<MigrationSet> {
  const signal = AbortSignal.timeout(30_000);
  const history = await withDatabase(options.databaseUrl, { application: "migrate", signal }, (client) =>
    readHistory(client, options.place),
  );
  if (!history || history.length === 0) return set;
  const applied = new Set(history.filter(({ kind }) => kind !== "partial").map(({ version }) => version));
  return { ...set, migrations: set.migrations.filter(({ version }) => applied.has(version)) };
}

function lineOf({ id, result, observed }: Observation): string {
  return `${result === "passed" ? "same   " : "drift  "} ${id.replace("derived-", "")}: ${observed}`;
}
