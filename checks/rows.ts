// Proves that named queries give what is expected, e.g. that seed rows are there with the right values. Looks in one
// read-only snapshot; says nothing about who may see the rows: see schema.ts.
import type * as pulumi from "@pulumi/pulumi";
import type { Client } from "pg";
import { z } from "zod";
import { addressOf, withDatabase } from "./database.ts";
import { expectedValue, judge, renderExpected } from "./rows/expected-value.ts";
import { firstColumn, jsonRows, rolledBack } from "./rows/query.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep, type Observation, observe } from "./step/definition.ts";
import { messageOf } from "./step/message.ts";
import { namedList } from "./step/named-list.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const query = () =>
  z.strictObject({
    /** Observation id, kebab-case, e.g. `scheduled-jobs-count`. */
    name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be kebab-case"),
    /** One SELECT. */
    sql: z.string().min(1),
    expect: expectedValue(),
  });

const inputs = () =>
  z.strictObject({
    /** Secret. */
    databaseUrl: z.string().min(1),
    queries: namedList(query()).min(1),
    /** Limit of one query, 1 to 3600. @default 30 */
    statementTimeoutSeconds: z.number().min(1).max(3600).default(30),
  });
type Query = z.output<ReturnType<typeof query>>;

export const step = defineStep({
  inputs,
  secrets: ({ databaseUrl }) => [databaseUrl, ...passwordsOf(databaseUrl)],
  rerun: "always",
  deadlineSeconds: 300,
  async run(given, { signal }) {
    const session = { application: "rows", signal, statementTimeoutSeconds: given.statementTimeoutSeconds };
    const observations = await withDatabase(given.databaseUrl, session, (client) =>
      rolledBack(client, "read only", async () => {
        const seen: Observation[] = [];
        for (const wanted of given.queries) seen.push(await look(client, wanted, signal));
        return seen;
      }),
    );
    return { observations, facts: { database: addressOf(given.databaseUrl) } };
  },
});

/** A query that fails is an answer too: the others are still looked at. */
async function look(client: Client, { name, sql, expect }: Query, signal: AbortSignal): Promise<Observation> {
  const expected = renderExpected(expect);
  await client.query("savepoint look");
  try {
    const read = expect.count === undefined && expect.rows === undefined ? firstColumn : jsonRows;
    const { passed, observed } = judge(expect, await read(client, sql));
    return observe(name, passed, expected, observed);
  } catch (error) {
    if (signal.aborted) throw error;
    await client.query("rollback to savepoint look");
    return observe(name, false, expected, messageOf(error));
  }
}

/** Evidence: one observation a query, named as the query. */
export class Rows extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("rows", name, args, opts);
  }
}
