// Directories of migrations and runs of them, as the migration step makes them.
import { withDatabase } from "../../../checks/database.ts";
import { readMigrations } from "../../../checks/migrations/directory.ts";
import { migrateUp, type UpOptions, type UpResult } from "../../../checks/migrations/up.ts";

export { folderOf as directoryOf } from "../../support/folder.ts";

export function upOptions(options: Partial<UpOptions> = {}): UpOptions {
  return {
    place: { schema: "public", table: "greenlight_migrations" },
    lockTimeoutSeconds: 1,
    lockWaitSeconds: 20,
    statementTimeoutSeconds: 30,
    outOfOrder: "refuse",
    gaps: "refuse",
    release: "test",
    signal: new AbortController().signal,
    log: () => {},
    ...options,
  };
}

export async function up(
  url: string,
  directory: string,
  options: Partial<UpOptions> = {},
): Promise<UpResult> {
  const complete = upOptions(options);
  return withDatabase(url, { application: "migration", signal: complete.signal }, (client) =>
    migrateUp(client, readMigrations(directory), complete),
  );
}
