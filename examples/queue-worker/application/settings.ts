// The worker's settings, typed and in one place, read from its variables. Nothing else reads variables.
import { z } from "zod";
import { findFaults, type Variable, type Variables } from "../../parts/environment.ts";

const integer = () => z.string().transform(Number).pipe(z.int());

const variables = z.object({
  REDIS_URL: z.string(),
  DATABASE_URL: z.string(),
  SUPABASE_SERVICE_ROLE_KEY: z.string(),
  WORKER_CONCURRENCY: integer(),
  STEP_TIMEOUT_MS: integer(),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]),
  HEALTH_CHECK_PORT: integer(),
  SENTRY_DSN: z.url().optional(),
  SLACK_WEBHOOK: z.url().optional(),
  MAX_RETRY_ATTEMPTS: integer(),
  RETRY_BACKOFF_MS: integer(),
});

export type Settings = ReturnType<typeof readSettings>;

/**
 * Checks the variables against environment.yaml and gives them their types.
 * @throws one error with a line for each variable that is missing or malformed.
 */
export function readSettings(definitions: readonly Variable[], given: Variables) {
  const faults = findFaults(definitions, given);
  if (faults.length > 0) throw new Error(faults.join("\n"));
  const read = variables.parse(given);
  return Object.freeze({
    redisUrl: read.REDIS_URL,
    databaseUrl: read.DATABASE_URL,
    /** Signs the tokens of producers and operators. */
    serviceKey: read.SUPABASE_SERVICE_ROLE_KEY,
    /** Steps at once in one replica. */
    concurrency: read.WORKER_CONCURRENCY,
    timeoutMilliseconds: read.STEP_TIMEOUT_MS,
    logLevel: read.LOG_LEVEL,
    healthPort: read.HEALTH_CHECK_PORT,
    sentryDsn: read.SENTRY_DSN,
    slackWebhook: read.SLACK_WEBHOOK,
    /** In all, the first one included. */
    attempts: read.MAX_RETRY_ATTEMPTS,
    backoffMilliseconds: read.RETRY_BACKOFF_MS,
    secrets: definitions.flatMap((one) => (one.secret && given[one.name] ? [given[one.name] ?? ""] : [])),
  });
}
