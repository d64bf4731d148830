// The scheduler on a real database: next times in UTC, due rows become jobs once, and what the four schedules do.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nextRun } from "../../../examples/hv-consultores/application/scheduler/scheduler.ts";
import { sharedServices } from "../../support/services.ts";
import { startApplication, type TestApplication, valueAt } from "./support/application.ts";
import { eventually } from "./support/wait.ts";

let application: TestApplication;

beforeAll(async () => {
  const variables = { SCHEDULER_ENABLED: "false" };
  application = await startApplication(await sharedServices(), { variables });
});
afterAll(() => application.stop());

const check = () => application.running.application.scheduler.check();
const jobsOf = (name: string) =>
  application.database.query<{ id: string; tipo: string; payload: { previsto: string } }>(
    "SELECT id, tipo, payload FROM queue_jobs WHERE payload ->> 'programado' = $1",
    [name],
  );

/** Runs a schedule now and returns its job's result. */
async function runNow(name: string): Promise<unknown> {
  const operator = await application.person("operator");
  const { json } = await application.call("POST", `/api/scheduler/jobs/${name}/run`, operator);
  const id = typeof json === "object" && json !== null ? Reflect.get(json, "job_id") : undefined;
  const text = "SELECT estado, resultado FROM queue_jobs WHERE id = $1";
  const seen = await eventually(
    async () => (await application.database.query<{ estado: string; resultado: unknown }>(text, [id]))[0],
    (row) => row?.estado === "completed",
  );
  return seen?.resultado;
}

describe("the scheduler", () => {
  it.each([
    ["0 2 * * *", "2026-01-11T01:59:59Z", "2026-01-11T02:00:00Z"],
    ["0 2 * * *", "2026-01-11T02:00:00Z", "2026-01-12T02:00:00Z"],
    ["0 1 * * 0", "2026-01-11T00:59:00Z", "2026-01-11T01:00:00Z"],
    ["0 1 * * 0", "2026-01-11T01:00:00Z", "2026-01-18T01:00:00Z"],
    ["0 8 * * *", "2026-03-29T07:00:00Z", "2026-03-29T08:00:00Z"],
  ])("reads %s after %s as due at %s", (cron, from, due) => {
    expect(nextRun(cron, new Date(from)).toISOString()).toBe(new Date(due).toISOString());
  });

  it("writes the next times of new schedules without running them", async () => {
    await application.database.query("UPDATE scheduled_jobs SET proxima_ejecucion = NULL");
    expect(await check()).toBe(0);
    const rows = await application.database.query<{ cron_expression: string; proxima_ejecucion: Date }>(
      "SELECT cron_expression, proxima_ejecucion FROM scheduled_jobs",
    );
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(row.proxima_ejecucion).toEqual(nextRun(row.cron_expression, new Date()));
  });

  it("makes one job of a due time, also with two checks at once", async () => {
    await application.database.query(
      "UPDATE scheduled_jobs SET proxima_ejecucion = '2026-01-11T01:00:00Z' WHERE nombre = 'weekly-cleanup'",
    );
    const made = await Promise.all([check(), check(), check()]);
    expect(made.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect(await jobsOf("weekly-cleanup")).toMatchObject([
      { tipo: "cleanup", payload: { previsto: "2026-01-11T01:00:00.000Z" } },
    ]);
  });

  it("leaves an inactive schedule alone", async () => {
    await application.database.query(
      "INSERT INTO scheduled_jobs (nombre, cron_expression, tipo, activo, proxima_ejecucion) VALUES ('off', '* * * * *', 'probe', false, now())",
    );
    await check();
    expect(await jobsOf("off")).toEqual([]);
  });

  it("keeps one row of statistics a minute", async () => {
    await Promise.all([check(), check()]);
    const text =
      "SELECT count(*)::integer AS rows, count(DISTINCT date_trunc('minute', registrado_en))::integer AS minutes FROM queue_stats";
    const [seen] = await application.database.query<{ rows: number; minutes: number }>(text);
    expect(seen?.rows).toBe(seen?.minutes);
    expect(seen?.rows).toBeGreaterThan(0);
  });

  it("refuses a cron expression that is never due or not one", async () => {
    const operator = await application.person("operator");
    for (const cron_expression of ["0 0 31 2 *", "every day", "* * * * * *"]) {
      const body = { nombre: "bad", cron_expression, tipo: "probe", payload: {} };
      expect.soft((await application.call("POST", "/api/scheduler/jobs", operator, body)).status).toBe(400);
    }
  });
});

describe("the schedules", () => {
  it("expire documents once and tell their owners", async () => {
    const person = await application.person();
    await application.database.query(
      "INSERT INTO documentos (usuario_id, titulo, vence_en) VALUES ($1, 'old', now() - interval '1 day'), ($1, 'new', now() + interval '1 day')",
      [person.sub],
    );
    expect(await runNow("check-expired-documents")).toEqual({ expired: 1 });
    expect(await runNow("check-expired-documents")).toEqual({ expired: 0 });
    const unread = await application.call("GET", "/api/notifications/unread-count", person);
    expect(valueAt(unread, "unread")).toBe(1);
  });

  it("execute the daily rules, each as a job of its own", async () => {
    const person = await application.person();
    const rule = { nombre: "daily", disparador: "daily", accion: "notification", parametros: {} };
    const made = await application.call("POST", "/api/automation/rules", person, rule);
    await application.call("POST", "/api/automation/rules", person, {
      ...rule,
      nombre: "by hand",
      disparador: "manual",
    });
    expect(await runNow("execute-automation-rules")).toEqual({ queued: 1 });
    const path = `/api/automation/rules/${String(valueAt(made, "id"))}/history`;
    const history = await eventually(
      () => application.call("GET", path, person),
      (answer) => valueAt(answer, "history", 0, "estado") === "success",
    );
    expect(valueAt(history, "history", 0, "origen")).toBe("schedule");
  });

  it("send each person with unread notifications one summary", async () => {
    const id = randomUUID();
    await application.database.query(
      "INSERT INTO usuarios (id, email, nombre, contrasena_scrypt) VALUES ($1, $2, 'Ana', '')",
      [id, `${id}@example.org`],
    );
    await application.database.query(
      "INSERT INTO notifications (usuario_id, titulo) VALUES ($1, 'a'), ($1, 'b')",
      [id],
    );
    expect(await runNow("send-daily-summaries")).toEqual({ queued: 1 });
    const [job] = await application.database.query<{ payload: unknown }>(
      "SELECT payload FROM queue_jobs WHERE tipo = 'email' AND usuario_id = $1",
      [id],
    );
    expect(job?.payload).toMatchObject({
      para: `${id}@example.org`,
      asunto: "HV-Consultores: 2 notificaciones sin leer",
    });
  });

  it("clean up what is older than thirty days", async () => {
    await application.database.query(
      "INSERT INTO queue_stats VALUES (now() - interval '31 days', 0, 0, 0, 0)",
    );
    expect(await runNow("weekly-cleanup")).toMatchObject({ statistics: 1 });
  });
});
