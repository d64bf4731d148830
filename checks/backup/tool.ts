// PostgreSQL's own client programs (pg_dump, pg_restore) on an address: the password goes by environment, never by arguments.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { type Authorities, authoritiesFor } from "./authorities.ts";

const LONGEST_COMPLAINT = 2_000;
// The C library gives a program's output away in pieces of 4 KiB, each with a call at both ends: a tenth of a whole backup's time.
// coreutils' stdbuf, where there is one, has it use larger ones.
const IN_LARGE_PIECES =
  'if command -v stdbuf > /dev/null; then exec stdbuf -o 262144 "$0" "$@"; else exec "$0" "$@"; fi';

export interface Tool {
  /** `pg_dump` or `pg_restore`; found on PATH. */
  program: string;
  arguments: string[];
  databaseUrl: string;
  /** Another database of the same server. */
  database?: string;
  /** Settings of the program's sessions, e.g. `{ statement_timeout: "0" }`. */
  settings?: { [name: string]: string };
  /** Writes so much that the size of the pieces matters. */
  writesMuch?: boolean;
  /** Reads what is written to `stdin`. @default it has no input */
  takesInput?: boolean;
  signal: AbortSignal;
}

/** A started program; `finished` rejects with its complaint when it does not exit with 0. */
export interface Running {
  stdout: Readable;
  /** Only of a program that takes input. */
  stdin: Writable | undefined;
  finished: Promise<void>;
}

/** Starts a program. Abort ends it. */
export function startTool(tool: Tool): Running {
  const authorities = authoritiesFor(tool.databaseUrl, process.env);
  const trusted = authorities && { PGSSLROOTCERT: authorities.file };
  const options = {
    env: { ...process.env, ...libpqEnvironment(tool), ...trusted },
    signal: tool.signal,
  };
  const [program, given] = tool.writesMuch
    ? ["sh", ["-c", IN_LARGE_PIECES, tool.program, ...tool.arguments]]
    : [tool.program, tool.arguments];
  if (tool.takesInput) {
    const child = spawn(program, given, { ...options, stdio: ["pipe", "pipe", "pipe"] });
    return {
      stdout: child.stdout,
      stdin: child.stdin,
      finished: finish(child, child.stderr, tool, authorities),
    };
  }
  const child = spawn(program, given, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  return { stdout: child.stdout, stdin: undefined, finished: finish(child, child.stderr, tool, authorities) };
}

/** Runs a program and gives its output as text. */
export async function runTool(tool: Tool): Promise<string> {
  const running = startTool(tool);
  const [output] = await Promise.all([text(running.stdout), running.finished]);
  return output;
}

/** Major version of a program, e.g. 15. @throws when it is not on PATH */
export async function majorVersionOf(program: string, signal: AbortSignal): Promise<number> {
  const { stdout } = await promisify(execFile)(program, ["--version"], { signal }).catch((error: unknown) => {
    throw new Error(`${program}: not found on PATH; install the PostgreSQL client tools`, { cause: error });
  });
  return Number(/(\d+)(\.|devel|beta|rc|\s|$)/.exec(stdout)?.[1] ?? 0);
}

async function finish(
  child: ChildProcess,
  stderr: Readable,
  tool: Tool,
  authorities: Authorities | undefined,
): Promise<void> {
  let complaint = "";
  stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-LONGEST_COMPLAINT);
  });
  const [code, endedBy] = await once(child, "close").finally(() => authorities?.remove());
  if (tool.signal.aborted) throw tool.signal.reason;
  if (code !== 0)
    throw new Error(
      `${tool.program}: exit ${code ?? endedBy}, want 0; ${complaint.trim().replace(/\s*\n\s*/g, "; ") || "it said nothing"}${adviceFor(complaint)}`,
    );
}

/** pg_dump gives no code, so by what PostgreSQL says of a role that policies hold. */
function adviceFor(complaint: string): string {
  return complaint.includes("row-level security policy")
    ? "; set `database.backupRole` to bypassesRowSecurity, or to owner where nobody can give that attribute"
    : "";
}

function libpqEnvironment({ databaseUrl, database, settings }: Tool): { [name: string]: string } {
  const url = new URL(databaseUrl);
  const parameter = (name: string, variable: string) => {
    const value = url.searchParams.get(name);
    return value === null ? {} : { [variable]: value };
  };
  const options = Object.entries(settings ?? {}).map(([name, value]) => `-c ${name}=${value}`);
  return {
    PGHOST: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    PGPORT: url.port || "5432",
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: database ?? decodeURIComponent(url.pathname.slice(1)),
    PGAPPNAME: "greenlight/backup",
    // Without a mode libpq would fall back to plain text where the server has no TLS.
    ...(isLoopback(url.hostname) || process.env.PGSSLMODE ? {} : { PGSSLMODE: "require" }),
    ...parameter("sslmode", "PGSSLMODE"),
    ...parameter("sslrootcert", "PGSSLROOTCERT"),
    ...(options.length === 0 ? {} : { PGOPTIONS: options.join(" ") }),
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}
