// An application's HTTP server: what holds for every route (tokens, rate limit, headers, origins, validation, errors,
// timings), the description of the API, and the metrics; then the application's own routes.
import { setTimeout } from "node:timers/promises";
import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import fastify, {
  type FastifyError,
  type FastifyReply,
  type FastifyRequest,
  type RouteOptions,
} from "fastify";
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { createAuthentication, refuseStrangers } from "./authentication.ts";
import { finishConnections } from "./closing.ts";
import type { Core } from "./core.ts";
import { rateLimitStore } from "./rate-limit.ts";
import type { Server } from "./routes.ts";

const minuteMilliseconds = 60_000;
/** Where the API describes itself. */
const DESCRIPTION = "/api/openapi.json";
/** Who everybody is when authentication is made to fail open. */
const anybody = { sub: "00000000-0000-4000-8000-000000000000", role: "operator" } as const;

/** What holds for every route of an application. */
export interface ServerParts extends Pick<Core, "cache" | "faults" | "log" | "metrics"> {
  /** Of the API's description at `/api/openapi.json`. */
  title: string;
  apiVersion: string;
  settings: {
    /** Where people reach it; its origin is the one that browsers may call from. */
    appUrl: string;
    jwtSecret: string;
    /** Undefined for no limit. */
    requestsPerMinute: number | undefined;
    /** Whether `/metrics` answers. @default true */
    monitoringEnabled?: boolean;
  };
}

/** @returns the server, ready to listen. */
export async function createServer(
  system: ServerParts,
  addRoutes: (server: Server) => void | Promise<void>,
): Promise<Server> {
  const server = fastify({
    bodyLimit: 256 * 1024,
    requestTimeout: 30_000,
    // What still comes on a connection that was accepted is answered, not refused.
    return503OnClosing: false,
  }).withTypeProvider<ZodTypeProvider>();
  server.setValidatorCompiler(
    system.faults.has("validation-off") ? () => (value) => ({ value }) : validatorCompiler,
  );
  server.setSerializerCompiler(serializerCompiler);
  server.setErrorHandler<FastifyError>((error, request, reply) => answerError(system, error, request, reply));
  server.setNotFoundHandler((request, reply) => {
    // Without its query, which may hold what is nobody's business.
    const path = request.url.split("?")[0]?.slice(0, 200);
    system.log.component("http").info("No such route", { method: request.method, path });
    return reply.code(404).send({ error: `no route ${request.method} ${request.url}` });
  });
  measure(server, system);
  await protect(server, system);
  await describe(server, system);
  metricsRoute(server, system);
  await addRoutes(server);
  server.addHook("preClose", () => finishConnections(server.server));
  await server.ready();
  return server;
}

function measure(server: Server, system: ServerParts): void {
  server.addHook("onResponse", (request, reply, done) => {
    // The route's pattern, never the path: a label for every id would fill the memory of whoever scrapes.
    const route = request.routeOptions.url ?? "unknown";
    const labels = { method: request.method, route, status: String(reply.statusCode) };
    system.metrics.requestSeconds.observe(labels, reply.elapsedTime / 1_000);
    done();
  });
}

/** Order matters: who it is, whether from an allowed origin, whether allowed, how often. */
async function protect(server: Server, system: ServerParts): Promise<void> {
  const { settings, faults } = system;
  const authentication = createAuthentication(settings.jwtSecret);
  server.decorateRequest("caller", undefined);
  server.addHook("onRequest", async (request, reply) => {
    // Behind the edge, what came in as http is sent to https; the edge does the same for its own part.
    if (request.headers["x-forwarded-proto"] === "http") {
      return reply.redirect(new URL(request.url, settings.appUrl).href, 308);
    }
    request.caller = await authentication.read(request.headers.authorization);
    if (faults.has("auth-off")) request.caller ??= anybody;
    if (faults.has("roles-off") && request.caller) request.caller = { ...request.caller, role: "operator" };
    if (faults.has("slow")) await setTimeout(2_500);
  });
  await server.register(helmet, {
    strictTransportSecurity: faults.has("no-hsts") ? false : { maxAge: 31_536_000, includeSubDomains: true },
    contentSecurityPolicy: faults.has("no-csp")
      ? false
      : { useDefaults: false, directives: contentSecurityPolicy },
  });
  const origins = faults.has("cors-closed") ? [] : [new URL(settings.appUrl).origin];
  await server.register(cors, {
    origin: faults.has("cors-open") ? "*" : origins,
    methods: ["GET", "POST", "PATCH", "DELETE"],
    allowedHeaders: ["authorization", "content-type"],
    maxAge: 600,
  });
  // Before the count: who is refused has cost nothing, and must not use up what an address may ask for.
  server.addHook("onRoute", (route) => {
    requireDescribed(route);
    const present = route.onRequest ?? [];
    route.onRequest = [...(Array.isArray(present) ? present : [present]), refuseStrangers];
  });
  if (settings.requestsPerMinute !== undefined && !faults.has("rate-limit-off")) {
    await server.register(rateLimit, {
      max: settings.requestsPerMinute,
      timeWindow: minuteMilliseconds,
      // A person is counted as that person wherever from; a stranger by address.
      keyGenerator: (request) => request.caller?.sub ?? request.ip,
      allowList: (request) => request.routeOptions.config.uncounted === true,
      store: rateLimitStore(system.cache),
      // A store that is away must not take the service away with it.
      skipOnError: true,
      errorResponseBuilder: (_request, context) => ({
        statusCode: 429,
        error: `more than ${context.max} requests a minute; try again in ${context.after}`,
      }),
    });
  }
}

/** Where pages and their files are, which hold no data. */
const PAGES = /^\/(app|assets|dashboard)(\/|$)/;

/** @throws for a route that the description leaves out, but for pages: nothing that tries every route would try it. */
function requireDescribed({ method, url, schema }: RouteOptions): void {
  if (schema?.hide !== true || url === DESCRIPTION) return;
  const methods = [method].flat();
  if (PAGES.test(url) && methods.every((one) => one === "GET" || one === "HEAD")) return;
  throw new Error(`route "${methods.join(", ")} ${url}": hidden, want it in ${DESCRIPTION}`);
}

const contentSecurityPolicy = {
  defaultSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  objectSrc: ["'none'"],
};

async function describe(server: Server, { title, apiVersion }: ServerParts): Promise<void> {
  await server.register(swagger, {
    openapi: {
      info: { title, version: apiVersion },
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
      security: [{ bearer: [] }],
    },
    transform: jsonSchemaTransform,
  });
  const hidden = { schema: { hide: true }, config: { public: true, uncounted: true } };
  server.get(DESCRIPTION, hidden, () => server.swagger());
}

/** The Prometheus endpoint. Public and uncounted: scrapers reach it inside the network, the edge does not route it. */
function metricsRoute(server: Server, { settings, metrics }: ServerParts): void {
  if (settings.monitoringEnabled === false) return;
  const { registry } = metrics;
  server.get(
    "/metrics",
    { schema: { tags: ["health"], security: [] }, config: { public: true, uncounted: true } },
    async (_request, reply) => {
      await reply.type(registry.contentType).send(await registry.metrics());
    },
  );
}

async function answerError(
  system: ServerParts,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issues = error.validation.map((one) => `${one.instancePath || "/"}: ${one.message}`);
    await reply.code(400).send({ error: `${error.validationContext ?? "request"} is not valid`, issues });
    return;
  }
  const status = error.statusCode ?? 500;
  if (status < 500) {
    await reply
      .code(status)
      .send({ error: typeof error === "object" && "error" in error ? error.error : error.message });
    return;
  }
  // What went wrong inside is for the log, not for strangers; a feature that is off says so.
  const route = `${request.method} ${request.routeOptions.url ?? "unknown"}`;
  system.log.component("http").error("Request failed", { route, status, error: error.message });
  await reply.code(status).send({ error: status === 503 ? error.message : "internal error" });
}
