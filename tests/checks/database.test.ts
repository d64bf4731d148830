import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  addressOf,
  configOf,
  connect,
  identityOf,
  Unreachable,
  withDatabase,
} from "../../checks/database.ts";
import { adminUrl, query } from "./support/database.ts";

let url: string;
let ca: string;
const signal = new AbortController().signal;

beforeAll(async () => {
  url = await adminUrl();
  ca = process.env.PGSSLROOTCERT ?? "";
});

const withParameters = (parameters: { [name: string]: string }) => {
  const changed = new URL(url);
  for (const [name, value] of Object.entries(parameters)) changed.searchParams.set(name, value);
  return changed.href;
};
const TLS =
  "select ssl, application_name from pg_stat_ssl join pg_stat_activity using (pid) where pid = pg_backend_pid()";
const tlsOf = (address: string) =>
  withDatabase(address, { application: "tls", signal }, async (client) => (await client.query(TLS)).rows[0]);

describe("a session", () => {
  it("is encrypted, verified against the CA and named", async () => {
    expect(new X509Certificate(await import("node:fs").then(({ readFileSync }) => readFileSync(ca))).ca).toBe(
      true,
    );
    expect(await tlsOf(withParameters({ sslmode: "verify-full", sslrootcert: ca }))).toEqual({
      ssl: true,
      application_name: "greenlight/tls",
    });
    expect(await tlsOf(withParameters({ sslmode: "require" }))).toMatchObject({ ssl: true });
  });

  it("refuses a server that another CA signed, or nobody it knows", async () => {
    const directory = mkdtempSync(join(tmpdir(), "greenlight-ca-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const { rootCertificates } = await import("node:tls");
    const other = join(directory, "other.pem");
    writeFileSync(other, rootCertificates[0] ?? "");
    const advice = /want a session; name the server's CA in sslrootcert or PGSSLROOTCERT$/;
    await expect(tlsOf(withParameters({ sslrootcert: other }))).rejects.toThrow(advice);
    await expect(tlsOf(withParameters({ sslrootcert: "system" }))).rejects.toThrow(advice);
    await expect(tlsOf(withParameters({ sslrootcert: join(directory, "missing.pem") }))).rejects.toThrow(
      /sslrootcert: .*ENOENT/,
    );
  });

  it.each([
    ["postgresql://u:p@127.0.0.1/d", {}, false],
    ["postgresql://u:p@localhost/d?sslmode=disable", { PGSSLROOTCERT: "ca.pem" }, false],
    ["postgresql://u:p@db.example.com/d", {}, { rejectUnauthorized: true }],
    ["postgresql://u:p@db.example.com/d?sslmode=require", {}, { rejectUnauthorized: true }],
    ["postgresql://u:p@127.0.0.1/d", { PGSSLMODE: "require" }, { rejectUnauthorized: true }],
    ["postgresql://u:p@127.0.0.1/d?sslmode=verify-full&sslrootcert=system", {}, { rejectUnauthorized: true }],
  ])("to %s with %j has the TLS settings %j", async (address, environment, ssl) => {
    expect((await configOf(address, environment)).ssl).toEqual(ssl);
  });

  it("has the settings that it is given beside those of its address, also behind RESET ALL", async () => {
    const session = { application: "x", signal, settings: { "greenlight.source": "a b\\c 'd'" } };
    const address = withParameters({ options: "-c statement_timeout=77s" });
    const seen = await withDatabase(address, session, async (client) => {
      await client.query("reset all");
      const sql =
        "select current_setting('greenlight.source') as source, current_setting('statement_timeout') as timeout";
      return (await client.query(sql)).rows[0];
    });
    expect(seen).toEqual({ source: "a b\\c 'd'", timeout: "77s" });
  });

  it.each([
    "a#b+c",
    "a/b?c",
    "a@b:c;d=e,f$g&h",
    "100 %25 \"ä'`",
  ])("reaches a database named %s, by its address and beside it", async (name) => {
    await query(url, `create database "${name.replaceAll('"', '""')}"`);
    onTestFinished(async () => {
      await query(url, `drop database "${name.replaceAll('"', '""')}" with (force)`);
    });
    const own = new URL(url);
    own.pathname = `/${encodeURIComponent(name)}`;
    const nameOf = (address: string, database?: string) =>
      withDatabase(
        address,
        { application: "name", signal, ...(database && { database }) },
        async (client) => {
          const { rows } = await client.query("select current_database() as name");
          return rows[0].name;
        },
      );
    expect(await nameOf(own.href)).toBe(name);
    expect(await nameOf(url, name)).toBe(name);
  });

  it("never has the password in its messages", async () => {
    const wrong = new URL(url);
    wrong.password = "a-wrong-password";
    const failed = await connect(wrong.href, { application: "x", signal }).catch((error: Error) => error);
    expect(failed).toBeInstanceOf(Unreachable);
    expect(String(failed)).toMatch(
      /password authentication failed .*; check user, password and pg_hba\.conf$/,
    );
    expect(String(failed)).not.toContain("a-wrong-password");
  });

  it.each([
    "mysql://u:p@h/d",
    "no address",
    "postgresql://u:secret@h:port/d",
  ])("is refused for the address %j, without showing it", async (address) => {
    await expect(connect(address, { application: "x", signal })).rejects.toThrow(
      /^databaseUrl must be an address postgresql:\/\/USER:PASSWORD@HOST:PORT\/DATABASE$/,
    );
  });

  it("says how a password with a % is written, without showing it", async () => {
    const address = "postgresql://u:secret%@127.0.0.1/d";
    await expect(connect(address, { application: "x", signal })).rejects.toThrow(
      /^databaseUrl has a % that begins no character in user, password or database; write it %25$/,
    );
  });

  it("says that client certificates are not supported", async () => {
    await expect(configOf("postgresql://u:p@h/d?sslcert=a.pem", {})).rejects.toThrow(
      "client certificates are not supported; use a password",
    );
  });

  it("does not open once it is aborted, and cancels its statement when it is aborted later", async () => {
    await expect(
      connect(url, { application: "x", signal: AbortSignal.abort(new Error("too late")) }),
    ).rejects.toThrow("too late");
    const abort = new AbortController();
    const running = withDatabase(url, { application: "sleeper", signal: abort.signal }, (client) =>
      client.query("select pg_sleep(600)"),
    );
    const sleeping =
      "select 1 from pg_stat_activity where application_name = 'greenlight/sleeper' and wait_event = 'PgSleep'";
    await expect.poll(() => query(url, sleeping), { timeout: 10_000 }).toHaveLength(1);
    abort.abort();
    await expect(running).rejects.toThrow("canceling statement due to user request");
    expect(await query(url, sleeping)).toEqual([]);
  });

  it("stops a statement at its limit", async () => {
    const session = { application: "limited", signal, statementTimeoutSeconds: 0.05 };
    await expect(
      withDatabase(url, session, (client) => client.query("select pg_sleep(600)")),
    ).rejects.toThrow("statement timeout");
  });
});

describe("the address of a database", () => {
  it("is shown without user and password, and identified without password and parameters", () => {
    const address = "postgresql://a%40b:p%2Fw@db.example.com/orders?sslmode=require";
    expect(addressOf(address)).toBe("db.example.com:5432/orders");
    expect(identityOf(address)).toBe("a@b@db.example.com:5432/orders");
  });
});
