// The HTTP server: what holds for every route (tokens, rate limit, headers, origins, validation, errors, timings),
// then the routes.
import { setTimeout } from "node:timers/promises";
import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from "fastify";
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { createAuthentication, refuseStrangers } from "./authentication.ts";
import { rateLimitStore } from "./rate-limit.ts";
import type { Application, Server } from "./routes/application.ts";
import { batchRoutes } from "./routes/batches.ts";
import { dashboardRoutes } from "./routes/dashboard.ts";
import { healthRoutes } from "./routes/health.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { notificationRoutes } from "./routes/notifications.ts";
import { queueRoutes } from "./routes/queue.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { schedulerRoutes } from "./routes/scheduler.ts";
import { sessionRoutes } from "./routes/session.ts";
import { webhookRoutes } from "./routes/webhooks.ts";

const minuteMilliseconds = 60_000;
/** Who everybody is when authentication is made to fail open. */
const anybody = { sub: "00000000-0000-4000-8000-000000000000", role: "operator" } as const;

/** @returns the server, ready to listen. */
export async function createServer(application: Application): Promise<Server> {
  const { system } = application;
  const server = fastify({
    bodyLimit: 256 * 1024,
    requestTimeout: 30_000,
  }).withTypeProvider<ZodTypeProvider>();
  server.setValidatorCompiler(
    system.faults.has("validation-off") ? () => (value) => ({ value }) : validatorCompiler,
  );
  server.setSerializerCompiler(serializerCompiler);
  server.setErrorHandler<FastifyError>((error, request, reply) =>
    answerError(application, error, request, reply),
  );
  server.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `no route ${request.method} ${request.url}` }),
  );
  measure(server, application);
  await protect(server, application);
  await describe(server);
  healthRoutes(server, application);
  metricsRoutes(server, application);
  queueRoutes(server, application);
  schedulerRoutes(server, application);
  ruleRoutes(server, application);
  batchRoutes(server, application);
  notificationRoutes(server, application);
  webhookRoutes(server, application);
  await sessionRoutes(server, application);
  await dashboardRoutes(server, application);
  await server.ready();
  return server;
}

function measure(server: Server, { system }: Application): void {
  server.addHook("onResponse", (request, reply, done) => {
    // The route's pattern, never the path: a label for every id would fill the memory of whoever scrapes.
    const route = request.routeOptions.url ?? "unknown";
    const labels = { method: request.method, route, status: String(reply.statusCode) };
    system.metrics.requestSeconds.observe(labels, reply.elapsedTime / 1_000);
    done();
  });
}

/** Order matters: who it is, whether from an allowed origin, whether allowed, how often. */
async function protect(server: Server, { system }: Application): Promise<void> {
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

const contentSecurityPolicy = {
  defaultSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  objectSrc: ["'none'"],
};

async function describe(server: Server): Promise<void> {
  await server.register(swagger, {
    openapi: {
      info: { title: "HV-Consultores", version: "6" },
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
      security: [{ bearer: [] }],
    },
    transform: jsonSchemaTransform,
  });
  const hidden = { schema: { hide: true }, config: { public: true, uncounted: true } };
  server.get("/api/openapi.json", hidden, () => server.swagger());
}

async function answerError(
  { system }: Application,
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
