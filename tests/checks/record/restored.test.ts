import { describe, expect, it } from "vitest";
import { withDatabase } from "../../../checks/database.ts";
import { lookAtDatabase, readDatabaseState } from "../../../checks/record/database.ts";
import { judgeRestored } from "../../../checks/record/restored.ts";
import { newDatabase, query } from "../support/database.ts";

const place = { schema: "public", table: "greenlight_migrations" };
const session = { application: "test", signal: new AbortController().signal };
const stateOf = (url: string) => withDatabase(url, session, (client) => readDatabaseState(client, place));

/** The result of `schema-restored` beside a record with this digest. */
async function restored(url: string, schemaDigest: string): Promise<string | undefined> {
  const looked = await withDatabase(url, session, (client) => lookAtDatabase(client, place));
  const undo = {
    schemaDigest,
    site: null,
    parts: {},
    to: "1.0.0",
    undoes: null,
    startedAt: new Date().toISOString(),
    limitSeconds: 60,
  };
  const observations = judgeRestored(undo, { steps: {}, parts: {} }, looked, new Date());
  return observations.find(({ id }) => id === "schema-restored")?.result;
}

describe("the schema that a rollback comes back to", () => {
  it("is the same whether or not quiesce has written to the database since", async () => {
    const url = await newDatabase();
    await query(url, "create table orders (id int primary key)");
    const before = await stateOf(url);
    await query(url, "create table greenlight_quiesce (deployment text primary key, entry jsonb not null)");
    expect(await stateOf(url)).toEqual(before);
    expect(await restored(url, before.schemaDigest)).toBe("passed");
    // As earlier versions of this program recorded it.
    const former = await withDatabase(url, session, (client) => lookAtDatabase(client, place));
    expect(await restored(url, former.formerDigest)).toBe("passed");
    await query(url, "alter table orders add column note text");
    expect(await restored(url, before.schemaDigest)).toBe("failed");
  });
});
