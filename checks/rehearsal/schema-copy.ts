// A copy of a database's objects for a preview: no row of it but those of the migrations' history. The database itself is only
// read, and nobody but this run is let into the copy.
import { join } from "node:path";
import { restoreArchive } from "../backup/drill.ts";
import { withFolder } from "../backup/folder.ts";
import { withScratchDatabase } from "../backup/scratch.ts";
import { majorVersionOf, runTool } from "../backup/tool.ts";
import { withDatabase } from "../database.ts";
import { type HistoryPlace, quotedTable, readHistory } from "../migrations/history.ts";
import { type Addresses, isSameServer, makeAlike } from "./copy.ts";

/** Runs `use` with the name of a copy, which is dropped in any case. */
export async function withSchemaCopy<T>(
  given: Addresses,
  place: HistoryPlace,
  signal: AbortSignal,
  use: (database: string, sameServer: boolean) => Promise<T>,
): Promise<T> {
  const source = decodeURIComponent(new URL(given.databaseUrl).pathname.slice(1));
  const server = given.restoreUrl ?? given.databaseUrl;
  await majorVersionOf("pg_dump", signal);
  const sameServer = await isSameServer(given, signal);
  return withFolder(async (folder) => {
    const path = join(folder, "schema.dump");
    await runTool({
      program: "pg_dump",
      arguments: ["--schema-only", "--format=custom", "--lock-wait-timeout=5s", `--file=${path}`],
      databaseUrl: sameServer ? server : given.databaseUrl,
      database: source,
      signal,
    });
    return withScratchDatabase(server, given.databaseUrl, signal, async (database) => {
      await withDatabase(server, { application: "rehearsal preview", signal }, (admin) =>
        makeAlike(admin, database, sameServer ? given.databaseUrl : undefined),
      );
      await restoreArchive(path, server, database, signal);
      await copyHistory(given, place, database, signal);
      return use(database, sameServer);
    });
  });
}

/** Which migrations are applied: without it every file would be pending on the copy. */
async function copyHistory(
  { databaseUrl, restoreUrl }: Addresses,
  place: HistoryPlace,
  database: string,
  signal: AbortSignal,
): Promise<void> {
  const session = { application: "rehearsal preview", signal };
  const table = quotedTable(place);
  const rows = await withDatabase(databaseUrl, session, async (live) => {
    if ((await readHistory(live, place)) === undefined) return undefined;
    const found = await live.query<{ rows: string }>(
      `select coalesce(json_agg(t), '[]')::text as rows from ${table} t`,
    );
    return found.rows[0]?.rows;
  });
  if (rows === undefined) return;
  await withDatabase(restoreUrl ?? databaseUrl, { ...session, database }, (copy) =>
    copy.query(`insert into ${table} select * from json_populate_recordset(null::${table}, $1)`, [rows]),
  );
}
