// Starts one process of the backend and stops it when it is told to.
import { healthRoutes } from "../../parts/health.ts";
import type { Server } from "../../parts/routes.ts";
import { createServer } from "../../parts/server.ts";
import { errorRate, tellBackend } from "./metrics.ts";
import { openSystem, type System } from "./opening.ts";
import { pageRoutes } from "./routes/page.ts";
import { recordRoutes } from "./routes/records.ts";
import { sessionRoutes } from "./routes/session.ts";
import { syncRoutes } from "./routes/sync.ts";
import { openSockets } from "./sockets.ts";

/** A running process. */
export interface Running {
  /** Where it answers, e.g. `http://127.0.0.1:3000`. */
  url: string;
  system: System;
  /** Finishes requests and closes everything. */
  stop(): Promise<void>;
}

/**
 * Environment: PORT (default 3000; 0 for any free one), HOST (default 127.0.0.1), RELEASE_VERSION, FAULTS, and either
 * APP_SECRET_ID or the variables themselves.
 * @throws when a variable is wrong or a store does not answer.
 */
export async function start(environment: NodeJS.ProcessEnv): Promise<Running> {
  const system = await openSystem(environment, "pfa-vanguard-backend", "pfa");
  const log = system.log.component("main");
  const sockets = openSockets(system);
  tellBackend(system, sockets);
  let server: Server | undefined;
  const stop = async () => {
    sockets.close();
    await server?.close();
    log.info("Stopped");
    await system.close();
  };
  try {
    server = await createServer({ ...system, title: "PFA Vanguard", apiVersion: "4" }, async (open) => {
      healthRoutes(open, system, ["/health"], async () => ({ error_rate_percent: await errorRate(system) }));
      await sessionRoutes(open, system);
      recordRoutes(open, system);
      syncRoutes(open, system);
      await pageRoutes(open);
    });
    sockets.listen(server.server);
    const port = Number(environment.PORT ?? 3000);
    const url = await server.listen({ host: environment.HOST ?? "127.0.0.1", port });
    log.info("Started", { version: system.identity.version, url });
    return { url, system, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
