// A copy of production for a while: the backup restored into a database that has production's owner and settings, and into
// which nobody else is let.
import type { S3Client } from "@aws-sdk/client-s3";
import type { Client } from "pg";
import { restoreBackup } from "../backup/drill.ts";
import { withScratchDatabase } from "../backup/scratch.ts";
import { withDatabase } from "../database.ts";
import type { RehearsalInputs } from "../rehearsal.ts";

export interface Copy {
  database: string;
  restoreSeconds: number;
}

export type Addresses = Pick<RehearsalInputs, "databaseUrl" | "restoreUrl">;

/** Runs `use` with a restored copy, which is dropped in any case. */
export async function withCopy<T>(
  s3: S3Client,
  given: Addresses & Pick<RehearsalInputs, "backup" | "encryptionKey">,
  source: string,
  signal: AbortSignal,
  use: (copy: Copy) => Promise<T>,
): Promise<T> {
  const server = given.restoreUrl ?? given.databaseUrl;
  const stored = { ...given.backup, encryptionKey: given.encryptionKey };
  return withScratchDatabase(server, source, signal, async (database) => {
    await withDatabase(server, { application: "rehearsal", signal }, (admin) =>
      makeAlike(admin, database, source, new URL(given.databaseUrl).username),
    );
    const restoreSeconds = await restoreBackup(s3, stored, server, database, signal);
    return use({ database, restoreSeconds });
  });
}

export function isSameServer(one: string, other: string): boolean {
  const [a, b] = [new URL(one), new URL(other)];
  return a.hostname === b.hostname && (a.port || "5432") === (b.port || "5432");
}

const INSUFFICIENT_PRIVILEGE = "42501";

/**
 * For the session that migrates the copy: migrations that make names from the database's own find the one that it is a copy of, where
 * the server has that one. Only a superuser could give them to the copy itself.
 */
export function sourceSettings({ databaseUrl, restoreUrl = databaseUrl }: Addresses): {
  [name: string]: string;
} {
  if (!isSameServer(databaseUrl, restoreUrl)) return {};
  return { "greenlight.source": decodeURIComponent(new URL(databaseUrl).pathname.slice(1)) };
}

interface Setting {
  role: string | null;
  setting: string;
}

/** What a dump does not carry: the database's owner, who may connect, and settings for it alone. */
export async function makeAlike(
  admin: Client,
  database: string,
  source: string,
  migrator: string,
): Promise<void> {
  const copy = admin.escapeIdentifier(database);
  await admin.query(`revoke connect, temporary on database ${copy} from public`);
  const { rows } = await admin.query<{ owner: string }>(
    "select pg_get_userbyid(datdba) as owner from pg_database where datname = $1",
    [source],
  );
  const [found] = rows;
  // Another server than production's knows neither its owner nor its roles.
  if (!found) return;
  const role = admin.escapeIdentifier(decodeURIComponent(migrator));
  await admin.query(`grant connect, temporary on database ${copy} to ${role}`);
  const { rows: settings } = await admin.query<Setting>(
    `select nullif(setrole, 0)::regrole::text as role, unnest(setconfig) as setting
     from pg_db_role_setting join pg_database d on d.oid = setdatabase where d.datname = $1`,
    [source],
  );
  for (const { role: of, setting } of settings) {
    const [name = "", value = ""] = [
      setting.slice(0, setting.indexOf("=")),
      setting.slice(setting.indexOf("=") + 1),
    ];
    const target = of === null ? `database ${copy}` : `role ${of} in database ${copy}`;
    try {
      await admin.query("select set_config($1, $2, false)", [name, value]);
      await admin.query(`alter ${target} set ${admin.escapeIdentifier(name)} from current`);
    } catch (error) {
      // What a superuser had to set, such as what is logged, is nothing that a migration goes by.
      if (!(error instanceof Error && "code" in error && error.code === INSUFFICIENT_PRIVILEGE)) throw error;
    }
  }
  await admin.query("reset all");
  await admin.query(`alter database ${copy} owner to ${admin.escapeIdentifier(found.owner)}`);
}
