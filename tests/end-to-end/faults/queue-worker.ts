// Ways in which the queue worker can be wrong.
import { fileURLToPath } from "node:url";
import type { FaultList } from "../support/fault.ts";
import { edited, missing } from "../support/file-faults.ts";
import { keyInHistory, unpushed, untagged } from "../support/git-faults.ts";
import { bucketUnencrypted, cacheOpen, cacheUnsaved } from "../support/provisioned-faults.ts";
import { startReplicas } from "../support/replicas.ts";
import { altered, misset, together } from "../support/switches.ts";

// In processes of their own, since journeys kill one.
const script = fileURLToPath(
  new URL("../../../examples/queue-worker/application/process.ts", import.meta.url),
);

export const list: FaultList = {
  system: "queue-worker",
  start: (environment) => startReplicas(script, 2, environment),
  faults: [
    {
      name: "retry-early",
      wrong: "a step that failed is tried again after 100 ms",
      steps: ["smoke"],
      boxes: ["003-009", "003-010", "003-058"],
      ...together("retry-early", "smoke#retry-backoff"),
    },
    {
      name: "error-tracking-off",
      wrong: "errors are told to nobody",
      steps: ["smoke"],
      boxes: ["003-008", "003-054", "003-077", "003-096", "003-097"],
      ...together("error-tracking-off", "smoke#error-handling-told"),
    },
    {
      name: "done-twice",
      wrong: "a step that is delivered twice is done twice",
      steps: ["smoke"],
      boxes: ["003-121"],
      ...together("done-twice", "smoke#crash-after-once"),
    },
    {
      name: "too-many-at-once",
      wrong: "three times as many steps run at once as the settings say",
      steps: ["smoke"],
      boxes: ["003-049", "003-065", "003-121"],
      ...together("too-many-at-once", "smoke#concurrency-limit"),
    },
    {
      name: "slow-overhead",
      wrong: "each step costs 150 ms beside its work",
      steps: ["smoke"],
      boxes: ["003-117", "003-118", "003-122", "003-123"],
      ...together("slow-overhead", "smoke#load-overhead"),
    },
    {
      name: "metrics-wrong",
      wrong: "the depth of the queue is told seven too high",
      steps: ["smoke"],
      boxes: ["003-080"],
      ...together("metrics-wrong", "smoke#depth-metric"),
    },
    {
      name: "metrics-missing",
      wrong: "a family of metrics is missing",
      steps: ["smoke"],
      boxes: ["003-074", "003-079", "003-081", "003-082", "003-083", "003-084", "003-085"],
      ...together("metrics-missing", "smoke#families-steps"),
    },
    {
      name: "flag-ignored",
      wrong: "flags are not looked at",
      steps: ["smoke"],
      boxes: ["003-056", "003-129"],
      ...together("flag-ignored", "smoke#flags-refused"),
    },
    {
      name: "erase-off",
      wrong: "a person's steps stay when they are erased",
      steps: ["smoke"],
      boxes: ["003-111"],
      ...together("erase-off", "smoke#personal-data-gone"),
    },
    {
      name: "purge-off",
      wrong: "steps stay when their time is up",
      steps: ["smoke"],
      boxes: ["003-112"],
      ...together("purge-off", "smoke#retention-purge"),
    },
    {
      name: "development",
      wrong: "NODE_ENV says development",
      steps: ["preflight"],
      boxes: ["003-006", "003-016", "003-043"],
      apply: misset("preflight", "environment", (was) => ({ ...(was as object), NODE_ENV: "development" })),
    },
    {
      name: "steps-for-ever",
      wrong: "a step may take a minute",
      steps: ["preflight"],
      boxes: ["003-006", "003-016", "003-050"],
      apply: misset("preflight", "environment", (was) => ({ ...(was as object), STEP_TIMEOUT_MS: "60000" })),
    },
    {
      name: "retries-many",
      wrong: "a step is tried ten times",
      steps: ["preflight"],
      boxes: ["003-006", "003-016", "003-057"],
      apply: misset("preflight", "environment", (was) => ({ ...(was as object), MAX_RETRY_ATTEMPTS: "10" })),
    },
    {
      name: "redis-in-the-clear",
      wrong: "the address of Redis asks for no TLS",
      steps: ["preflight"],
      boxes: ["003-020", "003-021", "003-022", "003-044", "003-045", "003-109"],
      apply: misset("preflight", "redis", (was) => ({ ...(was as object), url: "redis://127.0.0.1:6379" })),
    },
    {
      name: "tables-made",
      wrong: "the application's role may make tables",
      steps: ["schema"],
      boxes: ["003-104", "003-106"],
      apply: altered(
        "GRANT CREATE ON SCHEMA public TO queue_worker_application",
        "REVOKE CREATE ON SCHEMA public FROM queue_worker_application",
      ),
    },
    {
      name: "payload-read",
      wrong: "the role that reads sees the payloads",
      steps: ["schema"],
      boxes: ["003-104"],
      apply: altered(
        "GRANT SELECT ON steps TO queue_worker_readonly",
        "REVOKE SELECT ON steps FROM queue_worker_readonly; GRANT SELECT (id, kind, correlation_id, state, enqueued_at, finished_at) ON steps TO queue_worker_readonly",
      ),
    },
    {
      name: "databases-made",
      wrong: "the application's role may make databases",
      steps: ["rows"],
      boxes: ["003-106"],
      apply: altered(
        "ALTER ROLE queue_worker_application CREATEDB",
        "ALTER ROLE queue_worker_application NOCREATEDB",
      ),
    },
    {
      name: "flag-missing",
      wrong: "the flag of notifications is not there",
      steps: ["rows"],
      boxes: ["003-129"],
      apply: altered(
        "CREATE TABLE kept AS SELECT * FROM feature_flags; DELETE FROM feature_flags WHERE name = 'notifications'",
        "INSERT INTO feature_flags SELECT * FROM kept WHERE name = 'notifications'; DROP TABLE kept",
      ),
    },
    {
      name: "effect-twice",
      wrong: "the effect of a step stands there twice",
      steps: ["rows"],
      boxes: ["003-136"],
      apply: altered(
        `INSERT INTO steps (id, kind, correlation_id) VALUES ('5e030000-0000-4000-8000-00000000000f', 'noop', 'twice');
         INSERT INTO step_effects (step_id, worker) SELECT '5e030000-0000-4000-8000-00000000000f', 'w' FROM generate_series(1, 2)`,
        "DELETE FROM steps WHERE correlation_id = 'twice'",
      ),
    },
    {
      name: "runbook-missing",
      wrong: "there is no runbook",
      steps: ["documents"],
      boxes: ["003-017", "003-152"],
      apply: missing("docs/runbook.md"),
    },
    {
      name: "route-undocumented",
      wrong: "the description of the API knows a route that the worker does not have",
      steps: ["documents"],
      boxes: ["003-015", "003-150"],
      apply: edited("docs/api.md", "`GET /queue`", "`GET /queues`"),
    },
    {
      name: "diagram-old",
      wrong: "the diagram shows no agent",
      steps: ["documents"],
      boxes: ["003-019", "003-150"],
      apply: edited("docs/architecture.md", "    agent[", "    daemon["),
    },
    {
      name: "contact-missing",
      wrong: "nobody answers for the database",
      steps: ["documents"],
      boxes: ["003-131"],
      apply: edited("contacts.yaml", "Database Admin", "Gardener"),
    },
    {
      name: "alarm-unexplained",
      wrong: "no page says what the alarm of the queue's size means",
      steps: ["documents"],
      boxes: ["003-018", "003-150", "003-152"],
      apply: edited("docs/troubleshooting.md", "| queueSize |", "| queue |"),
    },
    {
      name: "redis-open",
      wrong: "Redis can be reached from everywhere",
      steps: ["provisioned"],
      boxes: ["003-107"],
      apply: cacheOpen,
    },
    {
      name: "redis-unsaved",
      wrong: "no snapshot of Redis is made",
      steps: ["provisioned"],
      boxes: ["003-023", "003-027"],
      apply: cacheUnsaved,
    },
    {
      name: "bucket-unencrypted",
      wrong: "the bucket of backups encrypts nothing by itself",
      steps: ["provisioned"],
      boxes: ["003-108"],
      apply: bucketUnencrypted("queue-worker-backups"),
    },
    {
      name: "other-region",
      wrong: "the stack is in a region that nobody chose",
      steps: ["provisioned"],
      boxes: ["003-042"],
      apply: misset("provisioned", "regions", () => ["eu-central-1"]),
    },
    {
      name: "version-before-untagged",
      wrong: "the version before has no tag",
      steps: ["build"],
      boxes: ["003-064", "003-127"],
      apply: untagged("v1.3.0"),
    },
    {
      name: "branch-not-pushed",
      wrong: "the branch of the deployment is behind at its origin",
      steps: ["build"],
      boxes: ["003-063"],
      apply: unpushed("deploy/1.4.0", "v1.3.0"),
    },
    {
      name: "key-in-history",
      wrong: "a key stands in an old commit",
      steps: ["build"],
      boxes: ["003-060"],
      apply: keyInHistory,
    },
  ],
};
