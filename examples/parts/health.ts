// Whether this process can work, and which release it is. Public: load balancers and the release step have no token.
import type { Core } from "./core.ts";
import { service } from "./database.ts";
import type { Server } from "./routes.ts";

type State = "ok" | "failed";

/** What the answer needs. */
type HealthParts = Pick<Core, "database" | "cache" | "log" | "faults" | "identity">;

/**
 * @param urls that answer alike, e.g. `/health`. `/api/version` answers too, without looking at anything.
 * @param figures that are told with them
 */
export function healthRoutes(
  server: Server,
  system: HealthParts,
  urls: string[],
  figures: () => Promise<{ [name: string]: number }> = async () => ({}),
): void {
  for (const url of urls) {
    server.get(
      url,
      { schema: { tags: ["health"], security: [] }, config: { public: true, uncounted: true } },
      async (_request, reply) => {
        const parts = { ...(await databaseState(system)), cache: await cacheState(system) };
        const ok = !Object.values(parts).includes("failed") && !system.faults.has("health");
        await reply
          .code(ok ? 200 : 503)
          .send({ status: ok ? "ok" : "failed", ...parts, ...(await figures()), ...shownIdentity(system) });
      },
    );
  }
  server.get(
    "/api/version",
    { schema: { tags: ["health"], security: [] }, config: { public: true, uncounted: true } },
    () => ({
      ...shownIdentity(system),
      variables: system.identity.variables,
      uptime_seconds: Math.floor(process.uptime()),
    }),
  );
}

function shownIdentity({ identity, faults }: HealthParts) {
  return {
    version: faults.has("wrong-version") ? "0.0.0-previous" : identity.version,
    instance: identity.instance,
  };
}

interface DatabaseState {
  database: State;
  /** What the server says about the connection, e.g. `TLSv1.3`; a plain one is a fault of the installation. */
  database_tls: string;
}

async function databaseState({ database, log }: HealthParts): Promise<DatabaseState> {
  try {
    const text = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl";
    const [encrypted] = await database.query<{ version: string }>(service, text);
    return { database: "ok", database_tls: encrypted?.version ?? "failed" };
  } catch (error) {
    log.component("health").error("Database does not answer", { error: String(error) });
    return { database: "failed", database_tls: "failed" };
  }
}

async function cacheState({ cache, log }: HealthParts): Promise<State> {
  try {
    await cache.ping();
    return "ok";
  } catch (error) {
    log.component("health").error("Cache does not answer", { error: String(error) });
    return "failed";
  }
}
