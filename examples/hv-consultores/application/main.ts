// Starts one process of the application and stops it when it is told to. Says `ready` to a process manager only when
// it answers requests.
import { readIdentity } from "../../parts/core.ts";
import { readDefinitions } from "../../parts/environment.ts";
import { readFaults } from "../../parts/faults.ts";
import type { Server } from "../../parts/routes.ts";
import { loadVariables } from "../../parts/variables.ts";
import { faultNames } from "./faults.ts";
import { startProcessor } from "./queue/processor.ts";
import type { Application } from "./routes/application.ts";
import { forgetStats } from "./routes/queue.ts";
import { startScheduler } from "./scheduler/scheduler.ts";
import { createServer } from "./server.ts";
import { readSettings } from "./settings.ts";
import { openSystem } from "./system.ts";
import { createRunner } from "./work/kinds.ts";

const definitionsFile = new URL("../environment.yaml", import.meta.url);

/** A running process of the application. */
export interface Running {
  /** Where it answers, e.g. `http://127.0.0.1:3000`. */
  url: string;
  application: Application;
  /** Finishes requests, gives running jobs back, and closes everything. */
  stop(): Promise<void>;
}

/**
 * Environment: PORT (default 3000; 0 for any free one), HOST (default 127.0.0.1), RELEASE_VERSION, NODE_APP_INSTANCE,
 * FAULTS, and either APP_SECRET_ID or the variables themselves.
 * @throws with a line for each variable that is missing or malformed, or when a store does not answer.
 */
export async function start(environment: NodeJS.ProcessEnv): Promise<Running> {
  const faults = readFaults(faultNames, environment.FAULTS);
  const settings = readSettings(await readDefinitions(definitionsFile), await loadVariables(environment));
  const system = await openSystem(settings, faults, readIdentity(environment));
  const log = system.log.component("main");
  const parts = { database: system.database, features: system.features, faults };
  const processor = startProcessor(
    {
      ...parts,
      settings: settings.queue,
      metrics: system.metrics,
      log: system.log.component("queue"),
      changed: () => forgetStats(system),
    },
    createRunner(system),
  );
  const scheduler = startScheduler({
    ...parts,
    settings: settings.scheduler,
    maxRetries: settings.queue.maxRetries,
    log: system.log.component("scheduler"),
  });
  const application = { system, processor, scheduler };
  let server: Server | undefined;
  const stop = async () => {
    await server?.close();
    await scheduler.stop();
    await processor.stop();
    log.info("Stopped");
    await system.close();
  };
  try {
    server = await createServer(application);
    const port = Number(environment.PORT ?? 3000);
    const url = await server.listen({ host: environment.HOST ?? "127.0.0.1", port });
    log.info("Started", { version: system.identity.version, instance: system.identity.instance, url });
    return { url, application, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
