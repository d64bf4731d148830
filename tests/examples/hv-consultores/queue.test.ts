// The queue on a real database: attempts, back-off, time limits, lost jobs, batch size, and two processors at once.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { backoffSeconds, enqueue } from "../../../examples/hv-consultores/application/queue/job.ts";
import {
  type Processor,
  type RunJob,
  startProcessor,
} from "../../../examples/hv-consultores/application/queue/processor.ts";
import { service } from "../../../examples/parts/database.ts";
import { sharedServices } from "../../support/services.ts";
import { startApplication, type TestApplication } from "./support/application.ts";

let application: TestApplication;
const started: Processor[] = [];

beforeAll(async () => {
  // Its own processor stays idle for an hour: the tests run theirs.
  const variables = { QUEUE_PROCESSOR_INTERVAL: "3600", SCHEDULER_ENABLED: "false" };
  application = await startApplication(await sharedServices(), { variables });
});
afterAll(async () => {
  for (const processor of started) await processor.stop();
  await application.stop();
});
beforeEach(async () => {
  await application.database.query("DELETE FROM queue_jobs");
});

function processorWith(run: RunJob, change: { batchSize?: number } = {}): Processor {
  const { system } = application.running.application;
  const processor = startProcessor(
    {
      settings: { ...system.settings.queue, ...change },
      database: system.database,
      features: system.features,
      metrics: system.metrics,
      log: system.log.component("queue"),
      faults: system.faults,
      changed: async () => {},
    },
    run,
  );
  started.push(processor);
  return processor;
}

async function add(
  count: number,
  options: { maxReintentos?: number; limiteMs?: number } = {},
): Promise<string[]> {
  return await application.running.application.system.database.transaction(service, async (transaction) => {
    const ids: string[] = [];
    for (let index = 0; index < count; index++) {
      const job = { tipo: "probe", payload: { index }, usuarioId: null, maxReintentos: 3, ...options };
      ids.push((await enqueue(transaction, job)).id);
    }
    return ids;
  });
}

const rows = () =>
  application.database.query<{ estado: string; intentos: number; error: string | null; seconds: number }>(
    `SELECT estado, intentos, error, round(extract(epoch FROM proxima_tentativa - actualizado_en))::integer AS seconds
     FROM queue_jobs ORDER BY creado_en`,
  );
const hurry = () => application.database.query("UPDATE queue_jobs SET proxima_tentativa = now()");
const fail: RunJob = async () => {
  throw new Error("no");
};

describe("the queue", () => {
  it("tries a failing job again after 60, 120 and 240 seconds, then gives it up", async () => {
    const processor = processorWith(fail);
    await add(1);
    const seen = [];
    for (let attempt = 1; attempt <= 5; attempt++) {
      await processor.pass();
      seen.push(...(await rows()));
      await hurry();
    }
    expect(seen.map((row) => [row.estado, row.intentos, row.seconds])).toEqual([
      ["pending", 1, 60],
      ["pending", 2, 120],
      ["pending", 3, 240],
      ["failed", 4, 0],
      ["failed", 4, 0],
    ]);
  });

  it("does not start a job before its time", async () => {
    const processor = processorWith(fail);
    await add(1);
    await processor.pass();
    expect(await processor.pass()).toEqual({ claimed: 0, completed: 0, retried: 0, failed: 0 });
  });

  it("doubles the back-off with every attempt", () => {
    expect([1, 2, 3, 4].map((attempts) => backoffSeconds(60, attempts))).toEqual([60, 120, 240, 480]);
  });

  it("stops a job at its limit, also one that does not listen, and goes on", async () => {
    const processor = processorWith((job) =>
      job.limite_ms ? new Promise(() => {}) : Promise.resolve("done"),
    );
    await add(1, { limiteMs: 100, maxReintentos: 0 });
    await add(1);
    expect(await processor.pass()).toEqual({ claimed: 2, completed: 1, retried: 0, failed: 1 });
    expect((await rows()).map((row) => row.error)).toEqual(["timed out after 100 ms", null]);
  });

  it("takes at most a batch at a time", async () => {
    const processor = processorWith(async () => {}, { batchSize: 100 });
    await add(250);
    const passes = [await processor.pass(), await processor.pass(), await processor.pass()];
    expect(passes.map((pass) => pass.claimed)).toEqual([100, 100, 50]);
  });

  it("gives no job to two processors", async () => {
    const ran: string[] = [];
    const run: RunJob = async (job) => {
      ran.push(job.id);
    };
    const ids = await add(60);
    const [first, second] = [processorWith(run, { batchSize: 10 }), processorWith(run, { batchSize: 10 })];
    for (let round = 0; round < 4; round++) await Promise.all([first.pass(), second.pass()]);
    expect([...ran].sort()).toEqual([...ids].sort());
  });

  it("takes back what a dead process left, and counts the attempt", async () => {
    const processor = processorWith(async () => "done");
    await add(1, { maxReintentos: 1 });
    await application.database.query("SELECT * FROM obtener_trabajos_pendientes(10)");
    await application.database.query(
      "UPDATE queue_jobs SET iniciado_en = now() - interval '6 minutes 1 second'",
    );
    expect(await processor.pass()).toMatchObject({ claimed: 1, completed: 1 });
    expect(await rows()).toMatchObject([{ estado: "completed", intentos: 2 }]);
  });

  it("leaves a running job of another process alone within its time", async () => {
    const processor = processorWith(async () => "done");
    await add(1);
    await application.database.query("SELECT * FROM obtener_trabajos_pendientes(10)");
    await application.database.query(
      "UPDATE queue_jobs SET iniciado_en = now() - interval '5 minutes 50 seconds'",
    );
    expect(await processor.pass()).toMatchObject({ claimed: 0 });
  });

  it("does not let a late attempt settle a job that was taken back", async () => {
    let release = () => {};
    const processor = processorWith(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    const [id] = await add(1);
    const late = processor.pass();
    await expect.poll(async () => (await rows())[0]?.estado, { timeout: 10_000 }).toBe("processing");
    await application.database.query("UPDATE queue_jobs SET intentos = 2 WHERE id = $1", [id]);
    release();
    await late;
    expect(await rows()).toMatchObject([{ estado: "processing", intentos: 2 }]);
  });

  it("gives running jobs back when it stops", async () => {
    const processor = processorWith(
      (_job, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    await add(1);
    const pass = processor.pass();
    await expect.poll(async () => (await rows())[0]?.estado, { timeout: 10_000 }).toBe("processing");
    await processor.stop();
    await pass;
    expect(await rows()).toMatchObject([{ estado: "pending", error: "stopped with its process" }]);
  });

  it("rests while its flag is off", async () => {
    const processor = processorWith(async () => "done");
    await add(1);
    await application.database.query("UPDATE feature_flags SET enabled = false WHERE name = 'job_queue'");
    expect(await processor.pass()).toMatchObject({ claimed: 0 });
    await application.database.query("UPDATE feature_flags SET enabled = true WHERE name = 'job_queue'");
    expect(await processor.pass()).toMatchObject({ claimed: 1 });
  });

  it("gives failed jobs new attempts when an operator asks, and removes old ones when asked to", async () => {
    const processor = processorWith(fail);
    await add(1, { maxReintentos: 0 });
    await processor.pass();
    const operator = await application.person("operator");
    const retried = await application.call("POST", "/api/queue/retry", operator, {});
    expect(retried.json).toEqual({ retried: 1 });
    expect(await rows()).toMatchObject([{ estado: "pending", intentos: 0, error: null }]);
    await processor.pass();
    const clean = "SELECT limpiar_trabajos_antiguos(30) AS removed";
    expect(await application.database.query(clean)).toEqual([{ removed: 0 }]);
    await application.database.query("ALTER TABLE queue_jobs DISABLE TRIGGER queue_jobs_actualizado");
    await application.database.query("UPDATE queue_jobs SET actualizado_en = now() - interval '31 days'");
    await application.database.query("ALTER TABLE queue_jobs ENABLE TRIGGER queue_jobs_actualizado");
    expect(await application.database.query(clean)).toEqual([{ removed: 1 }]);
  });
});
