// What a deployment talks to: reached in fact, encrypted in fact, and new enough.
import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { connect, type DetailedPeerCertificate, rootCertificates } from "node:tls";
import type { S3Client } from "@aws-sdk/client-s3";
import { addressOf, connect as connectDatabase, Unreachable, withDatabase } from "../database.ts";
import type { PreflightInputs } from "../preflight.ts";
import { openRedis } from "../redis-client.ts";
import { type Observation, observe } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";

/** Observations `database`, `database-version`, `database-tls`, and `database-tls-required` where asked. */
export async function judgeDatabase(
  wanted: NonNullable<PreflightInputs["database"]>,
  signal: AbortSignal,
): Promise<Observation[]> {
  const expected = `a session on ${addressOf(wanted.url)}`;
  const looks = await tried("database", expected, signal, () =>
    withDatabase(wanted.url, { application: "preflight", signal }, async (client) => {
      // A role that acts as another one from login on is not shown its own session's encryption.
      await client.query("set role none");
      const { rows } = await client.query<{
        version: string;
        major: number;
        tls: string | null;
        user: string;
      }>(
        `select current_setting('server_version') as version, current_user as user,
                current_setting('server_version_num')::int / 10000 as major,
                (select s.version from pg_stat_ssl s where s.pid = pg_backend_pid() and s.ssl) as tls`,
      );
      const [seen] = rows;
      const { minimumMajor, requireTls } = wanted;
      const tls = seen?.tls ?? "no TLS";
      return [
        observe("database", true, expected, `a session as ${seen?.user}`),
        judgeMajor(seen?.major ?? 0, minimumMajor, seen?.version ?? "unknown"),
        requireTls
          ? observe("database-tls", /^TLSv1\.[23]$/.test(tls), "TLSv1.2 or newer", tls)
          : {
              id: "database-tls",
              result: "notApplicable" as const,
              expected: "not asked for",
              observed: tls,
            },
      ];
    }),
  );
  return wanted.mustRefusePlain ? [...looks, await judgePlain(wanted.url, signal)] : looks;
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html: what no line of pg_hba.conf lets in.
const NOT_LET_IN = "28000";

/** Observation `database-tls-required`: the same person is not let in without TLS, by the server's own word. */
async function judgePlain(databaseUrl: string, signal: AbortSignal): Promise<Observation> {
  const expected = "a session without TLS is refused";
  const url = new URL(databaseUrl);
  url.searchParams.set("sslmode", "disable");
  try {
    const session = await connectDatabase(url.href, { application: "preflight", signal });
    await session.end();
    return observe("database-tls-required", false, expected, "let in without TLS");
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const { cause } = error;
    const isRefused = cause instanceof Error && "code" in cause && cause.code === NOT_LET_IN;
    return observe("database-tls-required", isRefused, expected, messageOf(cause));
  }
}

export function judgeMajor(major: number, minimumMajor: number, version: string): Observation {
  return observe("database-version", major >= minimumMajor, `PostgreSQL ${minimumMajor} or newer`, version);
}

/** Observations `redis`, and `redis-memory` where asked. */
export async function judgeRedis(
  { url, caFile, requireTls, maximumMemoryPercent }: NonNullable<PreflightInputs["redis"]>,
  signal: AbortSignal,
): Promise<Observation[]> {
  const expected = requireTls ? "PONG over TLS" : "PONG";
  return tried("redis", expected, signal, async () => {
    const protocol = new URL(url).protocol;
    if (requireTls && protocol !== "rediss:")
      return [observe("redis", false, expected, `an address that begins ${protocol}//`)];
    const session = await openRedis(url, { caFile, signal });
    try {
      const reply = String(await session.send(["PING"]));
      const looks = [observe("redis", reply === "PONG", expected, reply)];
      if (new URL(url).password !== "") looks.push(await judgePassword(url, caFile, signal));
      if (maximumMemoryPercent !== undefined)
        looks.push(judgeMemory(String(await session.send(["INFO", "memory"])), maximumMemoryPercent));
      return looks;
    } finally {
      session.close();
    }
  });
}

/** Observation `redis-password`: the server refuses who has none, by its own word and not for lack of an answer. */
async function judgePassword(
  url: string,
  caFile: string | undefined,
  signal: AbortSignal,
): Promise<Observation> {
  const address = new URL(url);
  address.username = "";
  address.password = "";
  const expected = "NOAUTH without the password";
  const session = await openRedis(address.href, { caFile, signal }).catch((error: Error) => error);
  if (session instanceof Error) return judgeRefusal(session.message, expected);
  try {
    return observe("redis-password", false, expected, String(await session.send(["PING"])));
  } catch (error) {
    return judgeRefusal(error instanceof Error ? error.message : String(error), expected);
  } finally {
    session.close();
  }
}

function judgeRefusal(message: string, expected: string): Observation {
  return observe("redis-password", message.startsWith("NOAUTH"), expected, message);
}

/** @param information Redis' own, a `name:value` a line */
export function judgeMemory(information: string, maximumPercent: number): Observation {
  const figure = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(information)?.[1]);
  const [used, maximum] = [figure("used_memory"), figure("maxmemory")];
  const id = "redis-memory";
  const expected = `less than ${maximumPercent} % of its memory in use`;
  if (!(maximum > 0)) {
    const observed = "the server has no limit, so there is nothing to compare with; set maxmemory";
    return { id, result: "failed", expected, observed };
  }
  const percent = (100 * used) / maximum;
  const mib = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MiB`;
  const observed = `${percent.toFixed(1)} %: ${mib(used)} of ${mib(maximum)}`;
  return observe(id, percent < maximumPercent, expected, observed);
}

/** Observation `bucket-<name>`. */
export async function judgeBucket(s3: S3Client, bucket: string, signal: AbortSignal): Promise<Observation[]> {
  const { HeadBucketCommand } = await import("@aws-sdk/client-s3");
  const id = `bucket-${bucket.replace(/[^a-z0-9]+/g, "-")}`;
  return tried(id, `bucket ${bucket} there and readable`, signal, async () => {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal: signal });
    return [observe(id, true, `bucket ${bucket} there and readable`, "there and readable")];
  });
}

/** Observation `host-<name>`. */
export async function judgeHost(host: string, signal: AbortSignal): Promise<Observation[]> {
  const id = `host-${named(host)}`;
  return tried(id, `${host} resolves`, signal, async () => {
    const addresses = await lookup(host, { all: true });
    return [
      observe(id, addresses.length > 0, `${host} resolves`, addresses.map((a) => a.address).join(", ")),
    ];
  });
}

/** Observation `certificate-<host>`. */
export async function judgeCertificate(
  wanted: PreflightInputs["certificates"][number],
  signal: AbortSignal,
): Promise<Observation[]> {
  const id = `certificate-${named(wanted.host)}`;
  const expected = `trusted for ${wanted.host}, valid for at least ${wanted.minimumDays} days`;
  return tried(id, expected, signal, async () => {
    const { valid_to } = await certificateOf(wanted, signal);
    const days = (Date.parse(valid_to) - Date.now()) / 86_400_000;
    return [judgeDays(id, days, wanted.minimumDays, expected)];
  });
}

export function judgeDays(id: string, days: number, minimumDays: number, expected: string): Observation {
  return observe(id, days >= minimumDays, expected, `trusted, valid for ${Math.floor(days)} days`);
}

async function certificateOf(
  { host, port, caFile }: PreflightInputs["certificates"][number],
  signal: AbortSignal,
): Promise<DetailedPeerCertificate> {
  const ca = caFile === undefined ? undefined : [...rootCertificates, await readFile(caFile, "utf8")];
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      ca,
      // Whatever NODE_TLS_REJECT_UNAUTHORIZED says of others.
      rejectUnauthorized: true,
      servername: /^[\d.:]+$/.test(host) ? "" : host,
      timeout: 10_000,
    });
    const stop = () => socket.destroy(new Error("aborted"));
    signal.addEventListener("abort", stop, { once: true });
    socket.once("close", () => signal.removeEventListener("abort", stop));
    socket.once("timeout", () => socket.destroy(new Error("no answer within 10 s")));
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      resolve(socket.getPeerCertificate(true));
      socket.end();
    });
  });
}

/** What cannot be reached has failed, with the reason. */
async function tried(
  id: string,
  expected: string,
  signal: AbortSignal,
  look: () => Promise<Observation[]>,
): Promise<Observation[]> {
  try {
    return await look();
  } catch (error) {
    if (signal.aborted) throw error;
    const name = error instanceof Error && error.message === "UnknownError" ? error.name : messageOf(error);
    return [observe(id, false, expected, name)];
  }
}

function named(host: string): string {
  return host
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
