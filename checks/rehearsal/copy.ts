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
  /** Whether it is on the server of production. */
  sameServer: boolean;
}

export type Addresses = Pick<RehearsalInputs, "databaseUrl" | "restoreUrl">;

/** Runs `use` with a restored copy, which is dropped in any case. */
export async function withCopy<T>(
  s3: S3Client,
  given: Addresses & Pick<RehearsalInputs, "backup" | "encryptionKey">,
  signal: AbortSignal,
  use: (copy: Copy) => Promise<T>,
): Promise<T> {
  const server = given.restoreUrl ?? given.databaseUrl;
  const stored = { ...given.backup, encryptionKey: given.encryptionKey };
  const sameServer = await isSameServer(given, signal);
  return withScratchDatabase(server, given.databaseUrl, signal, async (database) => {
    await withDatabase(server, { application: "rehearsal", signal }, (admin) =>
      makeAlike(admin, database, sameServer ? given.databaseUrl : undefined),
    );
    const restoreSeconds = await restoreBackup(s3, stored, server, database, signal);
    return use({ database, restoreSeconds, sameServer });
  });
}

/** Asks the servers where the addresses differ: one server has many names, such as those of a cluster and of its writer. */
export async function isSameServer(
  { databaseUrl, restoreUrl = databaseUrl }: Addresses,
  signal: AbortSignal,
): Promise<boolean> {
  const [one, other] = [new URL(databaseUrl), new URL(restoreUrl)];
  if (one.hostname === other.hostname && (one.port || "5432") === (other.port || "5432")) return true;
  // To the microsecond; the number of a cluster is also that of one restored from its snapshot.
  const [start, otherStart] = await Promise.all(
    [databaseUrl, restoreUrl].map((url) =>
      withDatabase(url, { application: "rehearsal", signal }, async (client) => {
        const { rows } = await client.query<{ start: string }>(
          "select extract(epoch from pg_postmaster_start_time())::text as start",
        );
        return rows[0]?.start;
      }),
    ),
  );
  return start === otherStart;
}

const INSUFFICIENT_PRIVILEGE = "42501";

/**
 * For the session that migrates the copy: migrations that make names from the database's own find the one that it is a copy of, where
 * the server has that one. Only a superuser could give them to the copy itself.
 */
export function sourceSettings(
  { databaseUrl }: Addresses,
  sameServer: boolean,
): {
  [name: string]: string;
} {
  return sameServer ? { "greenlight.source": nameOf(databaseUrl) } : {};
}

function nameOf(databaseUrl: string): string {
  return decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
}

interface Setting {
  role: string | null;
  setting: string;
}

/**
 * What a dump does not carry: the database's owner, who may connect, and settings for it alone.
 * @param sourceUrl as the role that migrates; undefined on another server, which knows neither its owner nor its roles, and
 *   whose database of that name is another one
 */
export async function makeAlike(
  admin: Client,
  database: string,
  sourceUrl: string | undefined,
): Promise<void> {
  const copy = admin.escapeIdentifier(database);
  await admin.query(`revoke connect, temporary on database ${copy} from public`);
  if (sourceUrl === undefined) return;
  const source = nameOf(sourceUrl);
  const { rows } = await admin.query<{ owner: string }>(
    "select pg_get_userbyid(datdba) as owner from pg_database where datname = $1",
    [source],
  );
  const [found] = rows;
  if (!found) throw new Error(`database "${source}": is not there, want the one that the copy is made of`);
  const role = admin.escapeIdentifier(decodeURIComponent(new URL(sourceUrl).username));
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
