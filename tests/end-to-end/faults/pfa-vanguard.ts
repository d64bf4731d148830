// Ways in which PFA Vanguard can be wrong.

import { openRedis } from "../../../checks/redis-client.ts";
import { start as startBackend } from "../../../examples/pfa-vanguard/application/main.ts";
import { start as startWorker } from "../../../examples/pfa-vanguard/application/worker/main.ts";
import { start as startPems } from "../../../examples/pfa-vanguard/pems/main.ts";
import { alarmDeleted, alarmFiring, dashboardChanged } from "../support/aws-faults.ts";
import { bytesAltered } from "../support/bucket-faults.ts";
import type { Fault, FaultList, Running } from "../support/fault.ts";
import { edited, logged, logMoved, missing } from "../support/file-faults.ts";
import { unsigned } from "../support/sign-off-faults.ts";
import { altered, misset, switched } from "../support/switches.ts";

/** Backend, worker and the stand-in for PEMS, each on its port. */
async function start(environment: { [name: string]: string }): Promise<Running> {
  const { PEMS_PORT = "", WORKER_PORT = "", BACKEND_PORT = "" } = environment;
  const running: Running[] = [];
  const stop = async () => {
    for (const one of running.reverse()) await one.stop();
  };
  try {
    running.push(await startPems({ ...environment, PORT: PEMS_PORT }));
    running.push(await startWorker({ ...environment, PORT: WORKER_PORT }));
    running.push(await startBackend({ ...environment, PORT: BACKEND_PORT }));
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function withoutPanel(body: string): string {
  const { widgets, ...rest }: { widgets: unknown[] } = JSON.parse(body);
  return JSON.stringify({ ...rest, widgets: widgets.slice(1) });
}

const STUCK = "5e02ffff-0000-4000-8000-000000000002";

/** Other bytes of a picture at the edge, while a new page is published. */
const assetAltered: Fault["apply"] = async (system) => {
  const unedit = await edited("site/index.html", "</body>", "<!-- new --></body>")(system);
  const mend = await bytesAltered("assets/mark.91ac1401.png")(system);
  return async () => {
    await mend();
    await unedit();
  };
};

/** The worker gives no sign of life, and gave its last one long ago. */
const workerGone: Fault["apply"] = async (system) => {
  const undo = await switched("worker-down")(system);
  await system.sql("UPDATE pfa_sync_workers SET seen_at = now() - interval '10 minutes'");
  return undo;
};

/** A write that a worker took and never ends. */
const notDrained: Fault["apply"] = async (system) => {
  const forget = system.settings("quiesce", (inputs) => ({ ...inputs, drainSeconds: 1 }));
  const remove = await altered(
    `INSERT INTO pfa_write_queue (id, record_id, base_version, payload, status, started_at) VALUES ('${STUCK}', 'PFA-0001', 1, '{}', 'processing', now())`,
    `DELETE FROM pfa_write_queue WHERE id = '${STUCK}'`,
  )(system);
  return async () => {
    await forget();
    await remove();
  };
};

/** The server of this test alone may have a few bytes more than it uses. */
const redisFull: Fault["apply"] = async (system) => {
  const redis = await openRedis(system.environment.GREENLIGHT_REDIS_URL ?? "", {
    caFile: system.environment.GREENLIGHT_CA_FILE,
    // Until the fault is undone.
    signal: AbortSignal.timeout(600_000),
  });
  const used = Number(/^used_memory:(\d+)/m.exec(String(await redis.send(["INFO", "memory"])))?.[1]);
  await redis.send(["CONFIG", "SET", "maxmemory", String(Math.round(used * 1.2))]);
  return async () => {
    await redis.send(["CONFIG", "SET", "maxmemory", "512mb"]);
    redis.close();
  };
};

export const list: FaultList = {
  system: "pfa-vanguard",
  start,
  faults: [
    {
      name: "wrong-version",
      wrong: "backend and worker answer another version than the one released",
      steps: ["smoke"],
      boxes: ["002-033", "002-051", "002-T05"],
      apply: switched("wrong-version"),
    },
    {
      name: "login",
      wrong: "nobody can sign in",
      steps: ["smoke"],
      boxes: ["002-033", "002-034", "002-051", "002-061", "002-T05"],
      apply: switched("login"),
    },
    {
      name: "records-empty",
      wrong: "the plan is empty",
      steps: ["smoke"],
      boxes: ["002-034", "002-051", "002-T05"],
      apply: switched("records-empty"),
    },
    {
      name: "status-wrong",
      wrong: "the state of the sync is told wrongly",
      steps: ["smoke"],
      boxes: ["002-033", "002-051", "002-T05"],
      apply: switched("status-wrong"),
    },
    {
      name: "queue-metrics-wrong",
      wrong: "the queue's figures are not those of its table",
      steps: ["smoke"],
      boxes: ["002-033", "002-051", "002-T05"],
      apply: switched("queue-metrics-wrong"),
    },
    {
      name: "sync-fails",
      wrong: "no write reaches PEMS",
      steps: ["smoke"],
      boxes: ["002-033", "002-038", "002-051", "002-061", "002-T05"],
      apply: switched("sync-fails"),
    },
    {
      name: "conflict-lost",
      wrong: "a conflict is not kept",
      steps: ["smoke"],
      boxes: ["002-051", "002-T05"],
      apply: switched("conflict-lost"),
    },
    {
      name: "metrics-frozen",
      wrong: "the metrics stay as they were at the start",
      steps: ["smoke"],
      boxes: ["002-033", "002-051", "002-T05"],
      apply: switched("metrics-frozen"),
    },
    {
      name: "health",
      wrong: "backend and worker say that they are ill",
      steps: ["health"],
      boxes: ["002-027", "002-028"],
      apply: switched("health"),
    },
    {
      name: "worker-down",
      wrong: "the worker gives no sign of life",
      steps: ["health"],
      boxes: ["002-029"],
      apply: workerGone,
    },
    {
      name: "worker-version",
      wrong: "the worker runs the release before",
      steps: ["health"],
      boxes: ["002-029"],
      apply: switched("worker-version"),
    },
    {
      name: "auth-off",
      wrong: "requests without a token are served",
      steps: ["security"],
      boxes: ["002-056"],
      apply: switched("auth-off"),
    },
    {
      name: "flag-ignored",
      wrong: "automatic writes are carried while the flag is off",
      steps: ["smoke"],
      boxes: ["002-051", "002-T05"],
      apply: switched("flag-ignored"),
    },
    {
      name: "flag-left-off",
      wrong: "automatic sync stays off after the deployment",
      steps: ["resumed"],
      boxes: ["002-038", "002-051", "002-T05"],
      apply: altered(
        "UPDATE feature_flags SET enabled = false WHERE flag_name = 'auto_sync'",
        "UPDATE feature_flags SET enabled = true WHERE flag_name = 'auto_sync'",
      ),
    },
    {
      name: "queue-not-drained",
      wrong: "a write is being processed and does not end",
      steps: ["quiesce", "resume"], // what the one switches off, the other switches on again
      boxes: ["002-021"],
      apply: notDrained,
    },
    {
      name: "column-missing",
      wrong: "the queue lacks a column",
      steps: ["schema"],
      boxes: ["002-024"],
      apply: altered(
        "ALTER TABLE pfa_write_queue DROP COLUMN requested_by",
        "ALTER TABLE pfa_write_queue ADD COLUMN requested_by uuid",
      ),
    },
    {
      name: "default-changed",
      wrong: "conflicts are settled by default",
      steps: ["schema"],
      boxes: ["002-024"],
      apply: altered(
        "ALTER TABLE pfa_sync_conflict ALTER COLUMN resolution SET DEFAULT 'auto'",
        "ALTER TABLE pfa_sync_conflict ALTER COLUMN resolution SET DEFAULT 'manual_needed'",
      ),
    },
    {
      name: "data-corrupted",
      wrong: "a write ended before it began",
      steps: ["rows"],
      boxes: ["002-055"],
      apply: altered(
        "INSERT INTO pfa_write_queue (id, record_id, base_version, payload, status, completed_at) VALUES ('5e02ffff-0000-4000-8000-000000000001', 'PFA-0001', 1, '{}', 'completed', '2000-01-01')",
        "DELETE FROM pfa_write_queue WHERE id = '5e02ffff-0000-4000-8000-000000000001'",
      ),
    },
    {
      name: "history-gap",
      wrong: "the history of migrations lacks a file",
      steps: ["rows"],
      boxes: ["002-024"],
      apply: altered(
        "UPDATE greenlight_migrations SET name = 'queue' WHERE name = 'add_pfa_write_queue'",
        "UPDATE greenlight_migrations SET name = 'add_pfa_write_queue' WHERE name = 'queue'",
      ),
    },
    {
      name: "redis-full",
      wrong: "Redis has hardly any memory left",
      steps: ["preflight"],
      boxes: ["002-009"],
      apply: redisFull,
    },
    {
      name: "approval-missing",
      wrong: "the security team did not sign",
      steps: ["sign-off"],
      boxes: ["002-003"],
      apply: unsigned("sign-off", "security-team"),
    },
    {
      name: "go-missing",
      wrong: "the decision maker did not sign",
      steps: ["sign-off"],
      boxes: ["002-019"],
      apply: unsigned("sign-off", "decision-maker"),
    },
    {
      name: "retrospective-unsigned",
      wrong: "nobody scheduled the retrospective",
      steps: ["acceptance"],
      boxes: ["002-065"],
      apply: unsigned("acceptance", "deployment-lead"),
    },
    {
      name: "dashboard-deleted",
      wrong: "a dashboard is deleted",
      steps: ["dashboards"],
      boxes: ["002-010", "002-039"],
      apply: dashboardChanged("conflict-management", () => undefined),
    },
    {
      name: "dashboard-changed",
      wrong: "a panel of a dashboard was taken away by hand",
      steps: ["dashboards"],
      boxes: ["002-010"],
      apply: dashboardChanged("sync-performance", withoutPanel),
    },
    {
      name: "alarm-deleted",
      wrong: "the alarm of the database is deleted",
      steps: ["alarms"],
      boxes: ["002-011"],
      apply: alarmDeleted("database-errors"),
    },
    {
      name: "alarm-firing",
      wrong: "the alarm of the disk is firing",
      steps: ["alarms"],
      boxes: ["002-039", "002-060"],
      apply: alarmFiring("disk-free"),
    },
    {
      name: "bytes-altered",
      wrong: "the edge serves another picture than was built",
      steps: ["site"],
      boxes: ["002-031"],
      apply: assetAltered,
    },
    {
      name: "chunk-missing",
      wrong: "the page refers to a file that was not built",
      steps: ["site"],
      boxes: ["002-006", "002-030"],
      apply: edited("site/index.html", "/assets/main.", "/assets/mainn."),
    },
    {
      name: "log-moved",
      wrong: "the worker writes its log somewhere else",
      steps: ["log-archive"],
      boxes: ["002-064"],
      apply: logMoved("worker"),
    },
    {
      name: "errors-in-log",
      wrong: "the worker's log has errors since the release",
      steps: ["logs"],
      boxes: ["002-042"],
      apply: logged("worker", "{time} | ERROR | worker | Round failed"),
    },
    {
      name: "rollback-plan-missing",
      wrong: "the way back is not written down",
      steps: ["documents"],
      boxes: ["002-013", "002-014"],
      apply: missing("documents/ROLLBACK_PLAN.md"),
    },
    {
      name: "hour-over",
      wrong: "the deployment began more than an hour ago",
      steps: ["record"],
      boxes: ["002-T01"],
      apply: misset("record", "time", (was) => ({
        ...(was as object),
        startedAt: "2026-01-01T00:00:00.000Z",
      })),
    },
    {
      name: "migration-slow",
      wrong: "the migration took longer than it may",
      steps: ["record"],
      boxes: ["002-023", "002-T02"],
      apply: misset("record", "maximumStepSeconds", () => ({ migration: 0.001 })),
    },
    {
      name: "adr-not-deployed",
      wrong: "ADR-008 does not say that it is deployed",
      steps: ["documents"],
      boxes: ["002-062"],
      apply: edited("documents/ADR-008.md", "Status: DEPLOYED", "Status: ACCEPTED"),
    },
    {
      name: "on-call-placeholder",
      wrong: "who is on call is a placeholder",
      steps: ["documents"],
      boxes: ["002-012"],
      apply: edited("documents/contacts.yaml", "name: Owen Castillo", "name: TBD"),
    },
  ],
};
