// Starts one sync worker and stops it when it is told to. It answers its own health, version and metrics.
import { healthRoutes } from "../../../parts/health.ts";
import { startLoop } from "../../../parts/loop.ts";
import type { Server } from "../../../parts/routes.ts";
import { createServer } from "../../../parts/server.ts";
import type { Running } from "../main.ts";
import { tellWorker } from "../metrics.ts";
import { openSystem } from "../opening.ts";
import { beat } from "./heartbeat.ts";
import { syncNext } from "./sync.ts";

/** Environment: as the backend's. @throws when a variable is wrong or a store does not answer. */
export async function start(environment: NodeJS.ProcessEnv): Promise<Running> {
  const system = await openSystem(environment, "pems-write-sync-worker", "pems");
  const log = system.log.component("worker");
  const metrics = tellWorker(system);
  const startedAt = new Date();
  let processed = 0;
  const failed = (error: unknown) => log.error("Round failed", { error: String(error) });
  const worker = startLoop(
    system.settings.sync.intervalMilliseconds,
    async (signal) => {
      if (system.faults.has("sync-stuck")) return;
      while (!signal.aborted && (await syncNext(system, metrics, signal))) processed += 1;
    },
    failed,
  );
  const heart = startLoop(
    1_000,
    async () => {
      if (!system.faults.has("worker-down")) await beat(system, startedAt, processed);
    },
    failed,
  );
  let server: Server | undefined;
  const stop = async () => {
    await server?.close();
    await worker.stop();
    await heart.stop();
    log.info("Stopped");
    await system.close();
  };
  try {
    const title = "PEMS write sync worker";
    server = await createServer({ ...system, title, apiVersion: "4" }, (open) => {
      healthRoutes(open, system, ["/health"]);
    });
    const port = Number(environment.PORT ?? 3001);
    const url = await server.listen({ host: environment.HOST ?? "127.0.0.1", port });
    log.info("Started", { version: system.identity.version, url });
    return { url, system, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
