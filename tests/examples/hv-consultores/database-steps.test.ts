// The example's SQL files, schema.yaml and rows.yaml under the steps that use them: everything is as wanted after an up,
// nothing is left after a down, and a database that is wrong is told.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { connect as connectAs } from "../../../checks/database.ts";
import { step as migration } from "../../../checks/migration.ts";
import { readMigrations } from "../../../checks/migrations/directory.ts";
import { migrateDown } from "../../../checks/migrations/down.ts";
import { step as rows } from "../../../checks/rows.ts";
import { step as schema } from "../../../checks/schema.ts";
import type { Finding, StepContext } from "../../../checks/step/definition.ts";
import { servicesEnvironment } from "../../../local/services/services.ts";
import { sharedServices } from "../../support/services.ts";
import { createDatabase, type ExampleDatabase } from "./support/database.ts";
import { inExample } from "./support/example.ts";

let database: ExampleDatabase;
let databaseUrl: string;
const context = (): StepContext => ({
  name: "hv-consultores",
  log: () => {},
  signal: AbortSignal.timeout(60_000),
  previous: undefined,
});

beforeAll(async () => {
  const services = await sharedServices();
  database = await createDatabase(services, false);
  databaseUrl = `${database.ownerUrl}&sslrootcert=${servicesEnvironment(services).GREENLIGHT_CA_FILE}`;
});
afterAll(() => database.drop());

const migrate = () =>
  migration.run(migration.inputs().parse({ directory: inExample("migrations"), databaseUrl }), context());

/** What a step wants, with the roles of this test's database. */
async function wanted(file: string): Promise<object> {
  const text = await readFile(inExample(file), "utf8");
  return parse(text.replaceAll("hv_consultores_", `${database.name}_`));
}
const judgeSchema = async () =>
  schema.run(schema.inputs().parse({ ...(await wanted("schema.yaml")), databaseUrl }), context());
const judgeRows = async () =>
  rows.run(rows.inputs().parse({ ...(await wanted("rows.yaml")), databaseUrl }), context());
const failed = ({ observations }: Finding) =>
  observations.filter((one) => one.result !== "passed").map((one) => one.id);

describe("the migrations", () => {
  it("apply to an empty database without a finding that stops a release", async () => {
    const plan = await migration.plan?.({ directory: inExample("migrations"), databaseUrl }, context());
    expect(plan?.join("\n")).toContain("0002_add_queue_system.sql");
    expect(failed(await migrate())).toEqual([]);
  });

  it("leave what schema.yaml and rows.yaml want", async () => {
    expect(failed(await judgeSchema())).toEqual([]);
    expect(failed(await judgeRows())).toEqual([]);
  });

  it("change nothing the second time", async () => {
    const before = await database.query("SELECT * FROM greenlight_migrations ORDER BY 1");
    expect(failed(await migrate())).toEqual([]);
    expect(await database.query("SELECT * FROM greenlight_migrations ORDER BY 1")).toEqual(before);
  });
});

describe("a database that is wrong", () => {
  it.each([
    [
      "an index is missing",
      "DROP INDEX idx_queue_jobs_estado",
      "CREATE INDEX idx_queue_jobs_estado ON queue_jobs (estado)",
      "index-idx-queue-jobs-estado",
    ],
    [
      "row security is off",
      "ALTER TABLE queue_jobs DISABLE ROW LEVEL SECURITY",
      "ALTER TABLE queue_jobs ENABLE ROW LEVEL SECURITY",
      "isolation-foreign-job-is-not-seen",
    ],
    [
      "a policy lets everybody in",
      "CREATE POLICY open ON queue_jobs USING (true)",
      "DROP POLICY open ON queue_jobs",
      "isolation-foreign-job-is-not-changed",
    ],
    [
      "a policy lets everybody change jobs that they do not see",
      "CREATE POLICY open ON queue_jobs FOR UPDATE USING (true)",
      "DROP POLICY open ON queue_jobs",
      "isolation-foreign-job-is-not-changed",
    ],
    [
      "a policy lets everybody delete jobs that they do not see",
      "CREATE POLICY open ON queue_jobs FOR DELETE USING (true)",
      "DROP POLICY open ON queue_jobs",
      "isolation-jobs-have-no-other-policy",
    ],
    [
      "a policy of the migrations lets everybody delete notifications",
      "ALTER POLICY notifications_servicio ON notifications USING (true)",
      "ALTER POLICY notifications_servicio ON notifications USING (current_setting('request.jwt.claims', true) = '')",
      "isolation-other-tables-have-no-other-policy",
    ],
    ...["usuarios", "documentos", "batch_items", "deliveries"].map((table) => [
      `a policy lets everybody read ${table}`,
      `CREATE POLICY open ON ${table} FOR SELECT USING (true)`,
      `DROP POLICY open ON ${table}`,
      "isolation-other-foreign-rows-are-not-seen",
    ]),
    [
      "a function has another name",
      "ALTER FUNCTION limpiar_trabajos_antiguos(integer) RENAME TO limpiar",
      "ALTER FUNCTION limpiar(integer) RENAME TO limpiar_trabajos_antiguos",
      "function-limpiar-trabajos-antiguos",
    ],
    [
      "autovacuum is as it came",
      "ALTER TABLE queue_jobs RESET (autovacuum_vacuum_scale_factor)",
      "ALTER TABLE queue_jobs SET (autovacuum_vacuum_scale_factor = 0.05)",
      "table-queue-jobs",
    ],
    [
      "a column may be empty",
      "ALTER TABLE queue_jobs ALTER intentos DROP NOT NULL",
      "ALTER TABLE queue_jobs ALTER intentos SET NOT NULL",
      "table-queue-jobs",
    ],
    [
      "the application may turn flags",
      "GRANT UPDATE ON feature_flags TO application",
      "REVOKE UPDATE ON feature_flags FROM application",
      "isolation-flags-are-not-the-applications",
    ],
  ])("is told by the schema step when %s", async (_what, change, back, id) => {
    const role = `${database.name}_application`;
    await database.query(change.replace(/application$/, role));
    try {
      expect(failed(await judgeSchema())).toContain(id);
    } finally {
      await database.query(back.replace(/application$/, role));
    }
  });

  it.each([
    ["a seed row is missing", "DELETE FROM scheduled_jobs WHERE nombre = 'weekly-cleanup'", "scheduled-jobs"],
    [
      "a cron expression differs",
      "UPDATE scheduled_jobs SET cron_expression = '0 4 * * *' WHERE nombre = 'weekly-cleanup'",
      "scheduled-jobs",
    ],
    [
      "a schedule is off",
      "UPDATE scheduled_jobs SET activo = false WHERE nombre = 'weekly-cleanup'",
      "active-scheduled-jobs",
    ],
    ["a flag is off", "UPDATE feature_flags SET enabled = false WHERE name = 'scheduler'", "feature-flags"],
  ])("is told by the rows step when %s", async (_what, change, id) => {
    await database.query("CREATE TABLE kept_jobs AS TABLE scheduled_jobs");
    await database.query("CREATE TABLE kept_flags AS TABLE feature_flags");
    await database.query(change);
    try {
      expect(failed(await judgeRows())).toContain(id);
    } finally {
      await database.query("TRUNCATE scheduled_jobs, feature_flags");
      await database.query("INSERT INTO scheduled_jobs TABLE kept_jobs");
      await database.query("INSERT INTO feature_flags TABLE kept_flags");
      await database.query("DROP TABLE kept_jobs, kept_flags");
    }
  });
});

describe("the down files", () => {
  it("take back everything, and the up files apply again", async () => {
    const client = await connectAs(databaseUrl, { application: "test", signal: context().signal });
    try {
      const result = await migrateDown(client, readMigrations(inExample("migrations")), {
        place: { schema: "public", table: "greenlight_migrations" },
        to: "0",
        lockTimeoutSeconds: 2,
        lockWaitSeconds: 10,
        statementTimeoutSeconds: 30,
        signal: context().signal,
        log: () => {},
      });
      expect(result.failure).toBeUndefined();
      expect(result.reverted).toHaveLength(11);
    } finally {
      await client.end();
    }
    const left = await database.query(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
         AND relname <> 'greenlight_migrations'
       UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
    );
    expect(left).toEqual([]);
    expect(failed(await migrate())).toEqual([]);
    expect(failed(await judgeSchema())).toEqual([]);
  });
});
