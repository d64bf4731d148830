import { chmodSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { runTool, startTool } from "../../checks/backup/tool.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { folderOf } from "../support/folder.ts";
import { sharedServices } from "../support/services.ts";

const { signal } = new AbortController();

describe("PostgreSQL's own programs", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("gives the password to the tools by environment and never by argument", async () => {
    const shown = await runTool({
      program: "sh",
      arguments: ["-c", "tr '\\0' ' ' </proc/$$/cmdline; echo; printenv PGPASSWORD PGUSER PGDATABASE"],
      databaseUrl: "postgresql://someone:s%40cret-word@127.0.0.1:5432/orders?sslmode=require",
      signal,
    });
    const [command, ...variables] = shown.trim().split("\n");
    expect(command).toContain("sh -c");
    expect(command).not.toContain("s@cret-word");
    expect(variables).toEqual(["s@cret-word", "someone", "orders"]);
  });

  it("asks every host but this machine for TLS when the address does not say", async () => {
    const modeFor = (host: string) =>
      runTool({
        program: "sh",
        arguments: ["-c", "echo $PGSSLMODE"],
        databaseUrl: `postgresql://a:b@${host}/c`,
        signal,
      });
    expect(await modeFor("db.example.com")).toBe("require\n");
    expect(await modeFor("db.example.com/c?sslmode=verify-full&x=")).toBe("verify-full\n");
    expect(await modeFor("127.0.0.1")).toBe("\n");
  });

  it("verifies a server by the system's authorities where the address names no CA, as every other step does", async () => {
    const services = await sharedServices();
    const environment = servicesEnvironment(services);
    const databaseUrl = String(environment.GREENLIGHT_DATABASE_URL).replace("=require", "=verify-full");
    vi.stubEnv("PATH", String(environment.PATH));
    vi.stubEnv("PGSSLROOTCERT", undefined);
    const authorities = getCACertificates("default");
    const own = readFileSync(services.certificates.authority, "utf8");
    setDefaultCACertificates([...authorities, own]);
    onTestFinished(() => setDefaultCACertificates(authorities));
    const temporary = folderOf({});
    vi.stubEnv("TMPDIR", temporary);
    const dump = { program: "pg_dump", arguments: ["--schema-only"], databaseUrl, signal };
    expect(await runTool(dump)).toContain("PostgreSQL database dump complete");
    setDefaultCACertificates(authorities);
    await expect(runTool(dump)).rejects.toThrow(/certificate verify failed/);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("writes in large pieces what writes much, where the machine has a program for that", async () => {
    const tools = folderOf({
      stdbuf: `#!/bin/sh\necho "pieces of $2"\nshift 2\nexec "$@"\n`,
      pg_dump: `#!/bin/sh\necho "$@"\nexit 3\n`,
    });
    for (const tool of ["stdbuf", "pg_dump"]) chmodSync(join(tools, tool), 0o755);
    const bare = folderOf({});
    symlinkSync("/bin/sh", join(bare, "sh"));
    symlinkSync(join(tools, "pg_dump"), join(bare, "pg_dump"));
    const writtenWith = async (path: string) => {
      vi.stubEnv("PATH", path);
      const { stdout, finished } = startTool({
        program: "pg_dump",
        arguments: ["--file=a b", "$HOME"],
        databaseUrl: "postgresql://a:b@127.0.0.1/c",
        writesMuch: true,
        signal,
      });
      const [written] = await Promise.all([
        text(stdout),
        expect(finished).rejects.toThrow("pg_dump: exit 3, want 0"),
      ]);
      return written;
    };
    expect(await writtenWith(`${tools}${delimiter}${process.env.PATH}`)).toBe(
      "pieces of 262144\n--file=a b $HOME\n",
    );
    expect(await writtenWith(bare)).toBe("--file=a b $HOME\n");
  });
});
