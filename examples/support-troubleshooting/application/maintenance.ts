// The maintenance by schedule: each task that is due runs once, by whichever process comes first, and leaves a row.
import { service } from "../../parts/database.ts";
import { type Loop, startLoop } from "../../parts/loop.ts";
import type { System } from "./system.ts";

const tasks: Record<string, string> = {
  "refresh-views": "SELECT refresh_troubleshooting_views() AS detail",
  "abandon-idle": "SELECT abandon_idle_sessions() AS detail",
  "purge-deliveries": "SELECT purge_webhook_deliveries() AS detail",
};

export function startMaintenance(system: System): Loop {
  const log = system.log.component("maintenance");
  return startLoop(
    system.settings.maintenanceMilliseconds,
    async () => {
      if (system.faults.has("maintenance-off")) return;
      for (const task of Object.keys(tasks)) await runTask(system, task, false);
    },
    (error) => log.error("Maintenance failed", { error: String(error) }),
  );
}

/**
 * Runs a task when it is due, or in any case. Returns its row, or undefined when it is not due, is switched off, or another
 * process runs it now.
 */
export async function runTask(system: System, task: string, always: boolean): Promise<object | undefined> {
  const statement = tasks[task];
  if (statement === undefined)
    throw new Error(`maintenance "${task}": unknown, want one of ${Object.keys(tasks).join(", ")}`);
  return await system.database.transaction(service, async (transaction) => {
    const [due] = await transaction.query(
      `SELECT task FROM support_maintenance WHERE task = $1 AND enabled AND ($2 OR next_run_at <= now())
       FOR UPDATE SKIP LOCKED`,
      [task, always],
    );
    if (!due) return undefined;
    await transaction.query("SAVEPOINT task");
    let status = "success";
    let detail: string;
    try {
      const skipped = system.faults.has("views-stale") && task === "refresh-views";
      const [row] = skipped
        ? [{ detail: "0 views" }]
        : await transaction.query<{ detail: string }>(statement);
      detail = row?.detail ?? "";
    } catch (error) {
      await transaction.query("ROLLBACK TO SAVEPOINT task");
      [status, detail] = ["failed", error instanceof Error ? error.message : String(error)];
      system.log.component("maintenance").error("Task failed", { task, error: detail });
    }
    await transaction.query(
      "UPDATE support_maintenance SET next_run_at = now() + make_interval(secs => every_seconds) WHERE task = $1",
      [task],
    );
    const [run] = await transaction.query<{ task: string }>(
      `INSERT INTO support_maintenance_runs (task, status, detail, started_at) VALUES ($1, $2, $3, now())
       RETURNING task, status, detail, ended_at`,
      [task, status, detail],
    );
    return run;
  });
}
