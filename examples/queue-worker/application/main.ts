// Starts one replica of the worker and stops it when it is told to. Says `ready` to a process manager only when it
// answers requests and takes steps.
import { readIdentity } from "../../parts/core.ts";
import { readDefinitions } from "../../parts/environment.ts";
import { readFaults } from "../../parts/faults.ts";
import { healthRoutes } from "../../parts/health.ts";
import type { Server } from "../../parts/routes.ts";
import { createServer } from "../../parts/server.ts";
import { loadVariables } from "../../parts/variables.ts";
import { faultNames } from "./faults.ts";
import { stepRoutes } from "./routes.ts";
import { readSettings } from "./settings.ts";
import { openSystem, type System } from "./system.ts";
import { startWorker } from "./worker.ts";

const definitionsFile = new URL("../environment.yaml", import.meta.url);

export interface Running {
  /** Where all replicas answer, e.g. `http://127.0.0.1:3001`. */
  url: string;
  system: System;
  /** Takes no more steps, finishes those that run, and closes everything. */
  stop(): Promise<void>;
}

/**
 * Environment: PORT (shared by all replicas; 0 for any free one), REPLICA_PORTS (one for each replica beside it, by
 * NODE_APP_INSTANCE), HOST (default 127.0.0.1), RELEASE_VERSION, LOG_FILE (without ending; the replica's number is added),
 * LOG_GROUP, FAULTS, and either APP_SECRET_ID or the variables themselves.
 * @throws with a line for each variable that is missing or malformed, or when a store does not answer.
 */
export async function start(environment: NodeJS.ProcessEnv): Promise<Running> {
  const faults = readFaults(faultNames, environment.FAULTS);
  const settings = readSettings(await readDefinitions(definitionsFile), await loadVariables(environment));
  const identity = readIdentity(environment);
  const system = await openSystem(settings, faults, shownIdentity(identity, faults.has("stale-replica")), {
    logFile: `${environment.LOG_FILE ?? "worker"}-${identity.instance}.log`,
    logGroup: environment.LOG_GROUP || undefined,
  });
  const log = system.log.component("main");
  const worker = startWorker(system);
  const servers: Server[] = [];
  const stop = async () => {
    log.info("Stopping");
    await worker.stop();
    for (const server of servers) await server.close();
    log.info("Stopped");
    await system.close();
  };
  try {
    const own = environment.REPLICA_PORTS?.split(",")[Number(identity.instance)];
    const ports = [environment.PORT ?? settings.healthPort, ...(own ? [own] : [])].map(Number);
    const urls: string[] = [];
    for (const port of ports) {
      const server = await createWorkerServer(system);
      servers.push(server);
      urls.push(await server.listen({ host: environment.HOST ?? "127.0.0.1", port }));
    }
    log.info("Started", { version: identity.version, concurrency: settings.concurrency });
    return { url: urls[0] ?? "", system, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function createWorkerServer(system: System): Promise<Server> {
  const settings = {
    appUrl: "https://worker.example.com",
    jwtSecret: system.settings.serviceKey,
    requestsPerMinute: undefined,
  };
  return createServer({ ...system, settings, title: "Queue worker", apiVersion: "1" }, (server) => {
    healthRoutes(server, system, ["/health"]);
    stepRoutes(server, system);
  });
}

/** The second replica of a release that reached only the first. */
function shownIdentity(identity: System["identity"], stale: boolean): System["identity"] {
  return stale && identity.instance === "1" ? { ...identity, version: "0.0.0-stale" } : identity;
}
