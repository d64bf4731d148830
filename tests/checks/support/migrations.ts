// Directories of migrations and runs of them, as the migration step makes them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { withDatabase } from "../../../checks/database.ts";
import { readMigrations } from "../../../checks/migrations/directory.ts";
import { migrateUp, type UpOptions, type UpResult } from "../../../checks/migrations/up.ts";

/** A directory with these files, deleted when the test ends. */
export function directoryOf(files: { [name: string]: string | Uint8Array }): string {
  const directory = mkdtempSync(join(tmpdir(), "greenlight-migrations-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  return directory;
}

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
