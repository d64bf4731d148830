// Starts one process of the application and stops it when it is told to.
import { readIdentity } from "../../parts/core.ts";
import { readDefinitions } from "../../parts/environment.ts";
import { readFaults } from "../../parts/faults.ts";
import { healthRoutes } from "../../parts/health.ts";
import type { Server } from "../../parts/routes.ts";
import { createServer } from "../../parts/server.ts";
import { loadVariables } from "../../parts/variables.ts";
import { startDispatcher } from "./dispatcher.ts";
import { faultNames } from "./faults.ts";
import { startMaintenance } from "./maintenance.ts";
import { dashboardRoutes } from "./routes/dashboard.ts";
import { maintenanceRoutes } from "./routes/maintenance.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import { readSettings } from "./settings.ts";
import { openSystem, type System } from "./system.ts";
import { codeVersion } from "./version.ts";

const definitionsFile = new URL("../environment.yaml", import.meta.url);

/** A running process of the application. */
export interface Running {
  /** Where it answers, e.g. `http://127.0.0.1:3000`. */
  url: string;
  system: System;
  /** Finishes requests and messages, and closes everything. */
  stop(): Promise<void>;
}

/**
 * Environment: PORT (default 3000; 0 for any free one), HOST (default 127.0.0.1), RELEASE_VERSION, FAULTS, and either
 * APP_SECRET_ID or the variables themselves.
 * @throws with a line for each variable that is missing or malformed, or when a store does not answer.
 */
export async function start(environment: NodeJS.ProcessEnv): Promise<Running> {
  const faults = readFaults(faultNames, environment.FAULTS);
  const variables = await loadVariables(environment);
  const settings = readSettings(await readDefinitions(definitionsFile), variables);
  const identity = readIdentity(environment, variables);
  const shown = faults.has("variables-old") ? { ...identity, variables: "an-older-version" } : identity;
  const system = await openSystem(settings, faults, shown);
  const log = system.log.component("main");
  const dispatcher = startDispatcher(system);
  const maintenance = startMaintenance(system);
  let server: Server | undefined;
  const stop = async () => {
    await server?.close();
    await maintenance.stop();
    await dispatcher.stop();
    log.info("Stopped");
    await system.close();
  };
  try {
    server = await createServer({ ...system, title: "Support troubleshooting", apiVersion: "1" }, (open) => {
      healthRoutes(open, system, ["/health"]);
      sessionRoutes(open, system, dispatcher);
      webhookRoutes(open, system);
      maintenanceRoutes(open, system);
      dashboardRoutes(open, system);
    });
    const port = Number(environment.PORT ?? 3000);
    const url = await server.listen({ host: environment.HOST ?? "127.0.0.1", port });
    log.info("Started", {
      version: system.identity.version,
      code: codeVersion,
      instance: system.identity.instance,
      url,
    });
    return { url, system, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
