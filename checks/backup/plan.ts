// What a backup would do, for the preview: reads the database's size and the tools' version, writes nothing.
import type { BackupInputs } from "../backup.ts";
import { withDatabase } from "../database.ts";
import type { StepContext } from "../step/definition.ts";
import { majorVersionOf } from "./tool.ts";

/** @throws when the client tools are older than the server: pg_dump would refuse */
export async function planBackup(given: Partial<BackupInputs>, { signal }: StepContext): Promise<string[]> {
  if (given.databaseUrl === undefined) return ["back up the database, known at up"];
  const server = await withDatabase(
    given.databaseUrl,
    { application: "backup plan", signal },
    async (client) => {
      const { rows } = await client.query<{ name: string; size: string; major: number }>(
        `select current_database() as name, pg_size_pretty(pg_database_size(current_database())) as size,
              current_setting('server_version_num')::int / 10000 as major`,
      );
      return rows[0];
    },
  );
  requireTools(await majorVersionOf("pg_dump", signal), server?.major ?? 0);
  return [
    `back up ${server?.name} (${server?.size}) to s3://${given.bucket ?? "?"}/${given.prefix ?? "backups"}, restore it into a scratch database, compare every table`,
  ];
}

/** @throws when pg_dump cannot dump this server */
export function requireTools(dumpMajor: number, serverMajor: number): void {
  if (dumpMajor >= serverMajor) return;
  throw new Error(
    `pg_dump: version ${dumpMajor}, want at least the server's ${serverMajor}; install its client tools`,
  );
}
