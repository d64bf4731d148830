// What `greenlight migrate` was told, its session on the database, and how it prints.
import { parseArgs } from "node:util";
import { withDatabase } from "../../checks/database.ts";
import { type MigrationSet, readMigrations } from "../../checks/migrations/directory.ts";
import type { HistoryPlace, readHistory } from "../../checks/migrations/history.ts";
import { STOPPERS } from "../../checks/migrations/lint/names.ts";
import { NAMINGS, type Naming } from "../../checks/migrations/styles.ts";
import { UsageError } from "../command.ts";

export interface Options {
  directory: string;
  naming: Naming;
  databaseUrl: string;
  /** Where a scratch database can be made for a moment. */
  shadowUrl: string;
  place: HistoryPlace;
  /** The other tool's history, where it is not at its usual place. */
  from: HistoryPlace | undefined;
  to: string | undefined;
  baseline: string | undefined;
  extras: "refuse" | "allow";
  /** Rules and severities of lint whose findings stop. */
  failOn: string[];
  yes: boolean;
  json: boolean;
}

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export const LIMITS = { lockTimeoutSeconds: 2, lockWaitSeconds: 120, statementTimeoutSeconds: 300 };

/** @throws UsageError */
export function readOptions(args: string[]): { action: string; options: Options } {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      dir: { type: "string", default: "migrations" },
      naming: { type: "string", default: "greenlight" },
      "database-url": { type: "string" },
      "shadow-url": { type: "string" },
      history: { type: "string", default: "public.greenlight_migrations" },
      "from-history": { type: "string" },
      to: { type: "string" },
      baseline: { type: "string" },
      extras: { type: "string", default: "refuse" },
      "fail-on": { type: "string", default: "error" },
      yes: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const naming = NAMINGS.find((known) => known === values.naming);
  if (!naming) throw new UsageError(`--naming must be one of ${NAMINGS.join(", ")}, got "${values.naming}"`);
  const { extras } = values;
  if (extras !== "refuse" && extras !== "allow")
    throw new UsageError(`--extras must be refuse or allow, got "${extras}"`);
  const failOn = values["fail-on"].split(",").filter((name) => name !== "none");
  const unknown = failOn.find((name) => !STOPPERS.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`--fail-on must name some of ${STOPPERS.join(", ")}, or none; got "${unknown}"`);
  const given = values["database-url"] ?? process.env.DATABASE_URL;
  if (!given) throw new UsageError("no database: set DATABASE_URL or give --database-url");
  const databaseUrl = withPassword(given);
  const from = values["from-history"];
  const { dir: directory, to, baseline, yes, json } = values;
  return {
    action: positionals.join(" "),
    options: {
      directory,
      naming,
      databaseUrl,
      shadowUrl: withPassword(values["shadow-url"] ?? process.env.SHADOW_DATABASE_URL ?? databaseUrl),
      place: placeOf("--history", values.history),
      from: from === undefined ? undefined : placeOf("--from-history", from),
      to,
      baseline,
      extras,
      failOn,
      yes,
      json,
    },
  };
}

/** The password of libpq's own variable, for an address without one: arguments are seen by everybody on the machine. */
function withPassword(address: string): string {
  const password = process.env.PGPASSWORD;
  if (!password || !URL.canParse(address)) return address;
  const url = new URL(address);
  if (url.password === "" && url.username !== "") url.password = encodeURIComponent(password);
  return url.href;
}

function placeOf(option: string, text: string): HistoryPlace {
  const [schema = "", table = "", ...rest] = text.split(".");
  if (!schema || !table || rest.length > 0)
    throw new UsageError(`${option} must be SCHEMA.TABLE, got "${text}"`);
  return { schema, table };
}

export function filesOf({ directory, naming }: Options): MigrationSet {
  return readMigrations(directory, naming);
}

/** Numbers left out are a fault in our own folders; other tools leave them out. */
export function policyOf({ naming }: Options) {
  return { outOfOrder: "refuse", gaps: naming === "greenlight" ? "refuse" : "allow" } as const;
}

/** Ending the command, as pipelines do with SIGTERM, cancels the statement on the server. */
export async function session<T>(
  { databaseUrl }: Options,
  use: (client: Parameters<typeof readHistory>[0], signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const interrupted = new AbortController();
  const stop = () => interrupted.abort(new Error("interrupted"));
  for (const name of ENDING) process.once(name, stop);
  try {
    const settings = { application: "migrate", signal: interrupted.signal };
    return await withDatabase(databaseUrl, settings, (client) => use(client, interrupted.signal));
  } finally {
    for (const name of ENDING) process.off(name, stop);
  }
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
