// Databases that a rollback replaced and kept beside the live one: those whose time is over are dropped. Only what bears the
// mark of a rollback and the live database's name is touched.
import { withDatabase } from "../database.ts";
import { REPLACED } from "../reversal/restore.ts";
import type { RollbackInputs } from "../rollback.ts";
import { type Observation, observe } from "../step/definition.ts";

/** Observation `replaced`; none where the stack has no database. */
export async function replaced(
  { database }: RollbackInputs,
  now: Date,
  signal: AbortSignal,
): Promise<Observation[]> {
  if (!database) return [];
  const { adminUrl, name, keepHours } = database;
  return withDatabase(adminUrl, { application: "rollback", signal }, async (client) => {
    const { rows } = await client.query<{ name: string; comment: string }>(
      `select datname as name, shobj_description(oid, 'pg_database') as comment from pg_database
        where starts_with(datname, $1) and starts_with(shobj_description(oid, 'pg_database'), $2) order by 1`,
      [`${name.slice(0, 40)}`, `${REPLACED}${name} at `],
    );
    const kept: string[] = [];
    const dropped: string[] = [];
    for (const found of rows) {
      const at = Date.parse(found.comment.slice(`${REPLACED}${name} at `.length));
      const until = new Date(at + keepHours * 3_600_000);
      if (Number.isNaN(at) || now < until) {
        kept.push(`${found.name} until ${Number.isNaN(at) ? "somebody drops it" : until.toISOString()}`);
        continue;
      }
      await client.query(`drop database if exists ${client.escapeIdentifier(found.name)} with (force)`);
      dropped.push(found.name);
    }
    const expected = `a replaced database stays for ${keepHours} h and no longer`;
    const observed = [...kept.map((one) => `kept: ${one}`), ...dropped.map((one) => `dropped: ${one}`)].join(
      "; ",
    );
    return [
      observed === ""
        ? { id: "replaced", result: "notApplicable", expected, observed: "no rollback replaced one" }
        : observe("replaced", true, expected, observed),
    ];
  });
}
