// The dashboard's figures, from the views that the maintenance refreshes, and the problems that people can choose from.
import { service } from "../../../parts/database.ts";
import type { Server } from "../../../parts/routes.ts";
import type { System } from "../system.ts";

export function dashboardRoutes(server: Server, { database, faults }: System): void {
  const tags = ["dashboard"];
  const open = faults.has("dashboard-open");

  server.get(
    "/api/dashboard",
    { schema: { tags }, config: open ? { public: true } : { operator: true } },
    async () => ({
      days: await database.query(
        service,
        `SELECT day::text, sessions::integer, resolved::integer, escalated::integer, open::integer
         FROM troubleshooting_daily ORDER BY day DESC LIMIT 30`,
      ),
      problems: await database.query(
        service,
        `SELECT problem_id, category, sessions::integer, resolved::integer, rating::float8
         FROM troubleshooting_problem_ranking ORDER BY sessions DESC, problem_id`,
      ),
    }),
  );

  server.get("/api/problems", { schema: { tags } }, async () => ({
    problems: await database.query(
      service,
      "SELECT id, title, category FROM troubleshooting_problems WHERE active ORDER BY id",
    ),
  }));
}
