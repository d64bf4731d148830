// Row-level security itself, asked as the application's role with two persons' claims, without the application.
import { randomUUID } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { servicesEnvironment } from "../../../local/services/services.ts";
import { sharedServices } from "../../support/services.ts";
import { connect, createDatabase, type ExampleDatabase } from "./support/database.ts";

const [ana, beto] = [randomUUID(), randomUUID()];

let database: ExampleDatabase;
let client: pg.Client;

beforeAll(async () => {
  const services = await sharedServices();
  database = await createDatabase(services);
  client = await connect(database.applicationUrl, servicesEnvironment(services).GREENLIGHT_CA_FILE ?? "");
  const rule =
    "INSERT INTO automation_rules (usuario_id, nombre, disparador, accion) VALUES ($1, 'r', 'manual', 'slack')";
  for (const person of [ana, beto]) {
    await database.query("INSERT INTO queue_jobs (tipo, usuario_id) VALUES ('probe', $1)", [person]);
    await database.query("INSERT INTO notifications (usuario_id, titulo) VALUES ($1, 'n')", [person]);
    await database.query("INSERT INTO documentos (usuario_id, titulo) VALUES ($1, 'd')", [person]);
    await database.query(
      "INSERT INTO webhook_endpoints (usuario_id, url, secreto_cifrado) VALUES ($1, 'https://a.b', '')",
      [person],
    );
    await database.query(
      "INSERT INTO batch_operations (usuario_id, operacion, total) VALUES ($1, 'classify_documents', 1)",
      [person],
    );
    await database.query(rule, [person]);
  }
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** How many rows a statement touches for somebody; its changes are taken back. */
async function touched(
  claims: object | undefined,
  text: string,
  values: unknown[] = [],
): Promise<number | null> {
  await client.query("BEGIN");
  try {
    if (claims)
      await client.query("SELECT set_config('request.jwt.claims', $1, true)", [JSON.stringify(claims)]);
    return (await client.query(text, values)).rowCount;
  } finally {
    await client.query("ROLLBACK");
  }
}

const tables = [
  "queue_jobs",
  "notifications",
  "documentos",
  "webhook_endpoints",
  "batch_operations",
  "automation_rules",
];
const asAna = { sub: ana, role: "user" };

describe.each(tables)("row-level security on %s", (table) => {
  it("shows a person exactly the own row", async () => {
    expect(await touched(asAna, `SELECT * FROM ${table}`)).toBe(1);
    expect(await touched(asAna, `SELECT * FROM ${table} WHERE usuario_id = $1`, [beto])).toBe(0);
  });

  it("lets nobody change or delete another's row", async () => {
    expect(
      await touched(asAna, `UPDATE ${table} SET usuario_id = $1 WHERE usuario_id = $2`, [ana, beto]),
    ).toBe(0);
    expect(await touched(asAna, `DELETE FROM ${table} WHERE usuario_id = $1`, [beto])).toBe(0);
  });

  it("shows nothing without claims, and all to the service", async () => {
    expect(await touched(undefined, `SELECT * FROM ${table}`)).toBe(0);
    expect(await touched({ role: "service_role" }, `SELECT * FROM ${table}`)).toBe(2);
  });
});

describe("row-level security", () => {
  it("lets a person add own jobs only, and only as pending", async () => {
    const add = "INSERT INTO queue_jobs (tipo, usuario_id, estado) VALUES ('probe', $1, $2)";
    expect(await touched(asAna, add, [ana, "pending"])).toBe(1);
    await expect(touched(asAna, add, [beto, "pending"])).rejects.toThrow("row-level security");
    await expect(touched(asAna, add, [ana, "completed"])).rejects.toThrow("row-level security");
  });

  it("does not let a person settle an own job", async () => {
    expect(await touched(asAna, "UPDATE queue_jobs SET estado = 'completed'")).toBe(0);
  });

  it("is on for every table of the schema", async () => {
    const open =
      "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT relrowsecurity";
    expect(await database.query(open)).toEqual([]);
  });

  it("keeps flags from the application's hands", async () => {
    await expect(
      touched({ role: "service_role" }, "UPDATE feature_flags SET enabled = false"),
    ).rejects.toThrow("permission denied");
  });
});
