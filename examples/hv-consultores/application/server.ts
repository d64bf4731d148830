// The application's HTTP server: its routes on the server that all applications have.
import { healthRoutes } from "../../parts/health.ts";
import type { Server } from "../../parts/routes.ts";
import { createServer as createBaseServer } from "../../parts/server.ts";
import type { Application } from "./routes/application.ts";
import { batchRoutes } from "./routes/batches.ts";
import { dashboardRoutes } from "./routes/dashboard.ts";
import { notificationRoutes } from "./routes/notifications.ts";
import { queueRoutes } from "./routes/queue.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { schedulerRoutes } from "./routes/scheduler.ts";
import { sessionRoutes } from "./routes/session.ts";
import { webhookRoutes } from "./routes/webhooks.ts";

/** @returns the server, ready to listen. */
export function createServer(application: Application): Promise<Server> {
  const { system } = application;
  return createBaseServer({ ...system, title: "HV-Consultores", apiVersion: "6" }, async (server) => {
    healthRoutes(server, system, ["/health", "/api/health"]);
    queueRoutes(server, application);
    schedulerRoutes(server, application);
    ruleRoutes(server, application);
    batchRoutes(server, application);
    notificationRoutes(server, application);
    webhookRoutes(server, application);
    await sessionRoutes(server, application);
    await dashboardRoutes(server, application);
  });
}
