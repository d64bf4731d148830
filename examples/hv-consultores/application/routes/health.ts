// Whether this process can work, and which release it is. Public: load balancers and the release step have no token.
import { service } from "../database.ts";
import type { System } from "../system.ts";
import type { Application, Server } from "./application.ts";

type State = "ok" | "failed";

export function healthRoutes(server: Server, { system }: Application): void {
  for (const url of ["/health", "/api/health"]) {
    server.get(
      url,
      { schema: { tags: ["health"], security: [] }, config: { public: true, uncounted: true } },
      async (_request, reply) => {
        const parts = { database: await databaseState(system), cache: await cacheState(system) };
        const ok = Object.values(parts).every((state) => state === "ok") && !system.faults.has("health");
        await reply
          .code(ok ? 200 : 503)
          .send({ status: ok ? "ok" : "failed", ...parts, ...shownIdentity(system) });
      },
    );
  }
  server.get(
    "/api/version",
    { schema: { tags: ["health"], security: [] }, config: { public: true, uncounted: true } },
    () => ({ ...shownIdentity(system), uptime_seconds: Math.floor(process.uptime()) }),
  );
}

function shownIdentity({ identity, faults }: System) {
  return {
    version: faults.has("wrong-version") ? "0.0.0-previous" : identity.version,
    instance: identity.instance,
  };
}

async function databaseState({ database, log }: System): Promise<State> {
  try {
    await database.query(service, "SELECT 1");
    return "ok";
  } catch (error) {
    log.component("health").error("Database does not answer", { error: String(error) });
    return "failed";
  }
}

async function cacheState({ cache, log }: System): Promise<State> {
  try {
    await cache.ping();
    return "ok";
  } catch (error) {
    log.component("health").error("Cache does not answer", { error: String(error) });
    return "failed";
  }
}
