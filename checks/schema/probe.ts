// Asks the database as somebody else: what a role, with the settings that the application makes for a user, may see and do.
// Each probe runs in a transaction of its own that is always rolled back; only sequences move on.
import type { Client } from "pg";
import { z } from "zod";
import { loadGrammar } from "../migrations/grammar.ts";
import { quoteName } from "../migrations/history.ts";
import { rolledBack, singleStatement, withoutSemicolon } from "../rows/query.ts";
import { type Observation, observe } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";

export const probe = () =>
  z.strictObject({
    /** Observation `isolation-NAME`, kebab-case. */
    name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be kebab-case"),
    /** Statements of the session's own role before the change of role, e.g. to insert the rows that are asked for. */
    setup: z.array(z.string().min(1)).default([]),
    /** @default the session's own role */
    role: z.string().min(1).optional(),
    /** E.g. `request.jwt.claims`. */
    settings: z.record(z.string().regex(/^[a-z_][a-z0-9_.]*$/i), z.string()).default({}),
    sql: z.string().min(1),
    /** Rows given or changed; or that the statement is refused for lack of a privilege or by a policy. */
    expect: z.union([
      z.strictObject({ rows: z.number().int().min(0) }),
      z.strictObject({ minRows: z.number().int().min(1) }),
      z.strictObject({ denied: z.literal(true) }),
    ]),
  });
export type Probe = z.output<ReturnType<typeof probe>>;

const INSUFFICIENT_PRIVILEGE = "42501";

export async function runProbe(client: Client, wanted: Probe, signal: AbortSignal): Promise<Observation> {
  const id = `isolation-${wanted.name}`;
  const who = wanted.role === undefined ? "the session's role" : `role ${wanted.role}`;
  const expected = `${who}: ${renderExpected(wanted.expect)}`;
  return rolledBack(client, "read write", async () => {
    try {
      for (const sql of wanted.setup) await one(client, sql);
      for (const [key, value] of Object.entries(wanted.settings))
        await client.query("select set_config($1, $2, true)", [key, value]);
      if (wanted.role !== undefined) await client.query(`set local role ${quoteName(wanted.role)}`);
    } catch (error) {
      if (signal.aborted) throw error;
      return {
        id,
        result: "inconclusive",
        expected,
        observed: `the probe could not be set up: ${messageOf(error)}`,
      };
    }
    try {
      const rows = await one(client, wanted.sql);
      return observe(id, isWanted(wanted.expect, rows), expected, `${rows} rows`);
    } catch (error) {
      if (signal.aborted) throw error;
      const denied = error instanceof Error && "code" in error && error.code === INSUFFICIENT_PRIVILEGE;
      return observe(
        id,
        denied && "denied" in wanted.expect,
        expected,
        `${denied ? "denied: " : ""}${messageOf(error)}`,
      );
    }
  });
}

/** The number of rows that the statement gave or changed. */
async function one(client: Client, sql: string): Promise<number> {
  await requireNoControl(sql);
  const { rowCount } = await client.query(singleStatement(withoutSemicolon(sql)));
  return rowCount ?? 0;
}

/** A COMMIT would keep what the probe did; a procedure cannot commit within a transaction that others began. */
async function requireNoControl(sql: string): Promise<void> {
  const parsed = (await loadGrammar()).parse(sql);
  if (parsed.fault) throw new Error(parsed.fault.message);
  if (parsed.statements.some(({ node }) => "TransactionStmt" in node))
    throw new Error("a probe has no transaction of its own; remove BEGIN, COMMIT and the like");
}

function isWanted(expect: Probe["expect"], rows: number): boolean {
  if ("rows" in expect) return rows === expect.rows;
  return "minRows" in expect && rows >= expect.minRows;
}

function renderExpected(expect: Probe["expect"]): string {
  if ("rows" in expect) return `${expect.rows} rows`;
  return "minRows" in expect ? `at least ${expect.minRows} rows` : "denied";
}
