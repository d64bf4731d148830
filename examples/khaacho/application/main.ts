// Starts one process of the application and stops it when it is told to. Says `ready` to a process manager only when it
// answers requests and all workers run.
import { readIdentity } from "../../parts/core.ts";
import { readDefinitions } from "../../parts/environment.ts";
import { readFaults } from "../../parts/faults.ts";
import { healthRoutes } from "../../parts/health.ts";
import type { Server } from "../../parts/routes.ts";
import { createServer } from "../../parts/server.ts";
import { loadVariables } from "../../parts/variables.ts";
import { faultNames } from "./faults.ts";
import { orderRoutes } from "./routes/orders.ts";
import { queueRoutes } from "./routes/queues.ts";
import { sessionRoutes } from "./routes/session.ts";
import { whatsappRoutes } from "./routes/whatsapp.ts";
import { readSettings } from "./settings.ts";
import { openSystem, type System } from "./system.ts";

const definitionsFile = new URL("../environment.yaml", import.meta.url);

/** A running process of the application. */
export interface Running {
  /** Where it answers, e.g. `http://127.0.0.1:3000`. */
  url: string;
  system: System;
  /** Finishes requests and jobs, and closes everything. */
  stop(): Promise<void>;
}

/**
 * Environment: PORT (default 3000; 0 for any free one), HOST (default 127.0.0.1), RELEASE_VERSION, NODE_APP_INSTANCE,
 * LOG_FOLDER (default `logs`), FAULTS, and either APP_SECRET_ID or the variables themselves.
 * @throws with a line for each variable that is missing or malformed, or when a store does not answer.
 */
export async function start(environment: NodeJS.ProcessEnv): Promise<Running> {
  const faults = readFaults(faultNames, environment.FAULTS);
  const settings = readSettings(await readDefinitions(definitionsFile), await loadVariables(environment));
  const system = await openSystem(
    settings,
    faults,
    readIdentity(environment),
    environment.LOG_FOLDER ?? "logs",
  );
  const log = system.log.component("main");
  let server: Server | undefined;
  const stop = async () => {
    await server?.close();
    log.info("Stopped");
    await system.close();
  };
  try {
    server = await createServer({ ...system, title: "Khaacho", apiVersion: "1.2" }, async (base) => {
      healthRoutes(base, system, ["/api/v1/health"]);
      sessionRoutes(base, system);
      orderRoutes(base, system);
      queueRoutes(base, system);
      await whatsappRoutes(base, system);
    });
    const port = Number(environment.PORT ?? 3000);
    const url = await server.listen({ host: environment.HOST ?? "127.0.0.1", port });
    const { queues, workers } = await system.jobs.stats();
    log.info("Started", { version: system.identity.version, queues: queues.length, workers: workers.length });
    if (faults.has("many-connections")) holdConnections(system);
    return { url, system, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** As a leak of connections would: all of the pool's are held and never given back. */
function holdConnections({ database }: System): void {
  for (let held = 0; held < 20; held++)
    database.query({ role: "service_role" }, "SELECT pg_sleep(25)").catch(() => {});
}
