// The application's settings, typed and in one place, read from its variables. Nothing else reads variables.
import { z } from "zod";
import { findFaults, type Variable, type Variables } from "../../parts/environment.ts";

const integer = () => z.string().transform(Number).pipe(z.int());
const bool = () => z.enum(["true", "false"]).transform((value) => value === "true");

const sizes: Record<string, number> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

const variables = z.object({
  NEXT_PUBLIC_APP_URL: z.url(),
  NEXT_PUBLIC_ENVIRONMENT: z.string(),
  EMAIL_PROVIDER: z.string(),
  SMTP_HOST: z.string().optional(),
  SMTP_PORT: integer().optional(),
  SMTP_USER: z.string().optional(),
  SMTP_PASSWORD: z.string().optional(),
  EMAIL_FROM_ADDRESS: z.string(),
  EMAIL_FROM_NAME: z.string(),
  SLACK_WEBHOOK_URL: z.string().optional(),
  SLACK_NOTIFICATIONS_ENABLED: bool(),
  QUEUE_PROCESSOR_INTERVAL: integer(),
  QUEUE_PROCESSOR_BATCH_SIZE: integer(),
  QUEUE_JOB_TIMEOUT: integer(),
  QUEUE_JOB_MAX_RETRIES: integer(),
  QUEUE_JOB_BACKOFF_BASE: integer(),
  SCHEDULER_ENABLED: bool(),
  SCHEDULER_CHECK_INTERVAL: integer(),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]),
  LOG_FILE: z.string(),
  LOG_MAX_SIZE: z.string(),
  LOG_MAX_FILES: integer(),
  MONITORING_ENABLED: bool(),
  ALERTS_EMAIL: z.string(),
  JWT_SECRET: z.string(),
  ENCRYPTION_KEY: z.string(),
  RATE_LIMIT_ENABLED: bool(),
  RATE_LIMIT_REQUESTS_PER_MINUTE: integer(),
  DATABASE_URL: z.string(),
  CACHE_PROVIDER: z.enum(["redis", "memory"]),
  REDIS_URL: z.string().optional(),
  FEATURE_AUTOMATION_RULES: bool(),
  FEATURE_JOB_QUEUE: bool(),
  FEATURE_SCHEDULER: bool(),
  FEATURE_NOTIFICATIONS: bool(),
  FEATURE_EMAIL_INTEGRATION: bool(),
  FEATURE_SLACK_INTEGRATION: bool(),
  FEATURE_WEBHOOK_INTEGRATION: bool(),
  FEATURE_BATCH_OPERATIONS: bool(),
});

/** The names of the rows of feature_flags; each has a FEATURE_ variable of the same name. */
export type FeatureName =
  | "automation_rules"
  | "job_queue"
  | "scheduler"
  | "notifications"
  | "email_integration"
  | "slack_integration"
  | "webhook_integration"
  | "batch_operations";

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
    appUrl: read.NEXT_PUBLIC_APP_URL,
    environment: read.NEXT_PUBLIC_ENVIRONMENT,
    mail: readMail(read),
    slackWebhookUrl: read.SLACK_NOTIFICATIONS_ENABLED ? read.SLACK_WEBHOOK_URL : undefined,
    queue: {
      intervalSeconds: read.QUEUE_PROCESSOR_INTERVAL,
      batchSize: read.QUEUE_PROCESSOR_BATCH_SIZE,
      timeoutMilliseconds: read.QUEUE_JOB_TIMEOUT,
      maxRetries: read.QUEUE_JOB_MAX_RETRIES,
      backoffBaseSeconds: read.QUEUE_JOB_BACKOFF_BASE,
    },
    scheduler: { enabled: read.SCHEDULER_ENABLED, checkMilliseconds: read.SCHEDULER_CHECK_INTERVAL },
    log: {
      level: read.LOG_LEVEL,
      file: read.LOG_FILE,
      maxBytes: readBytes(read.LOG_MAX_SIZE),
      maxFiles: read.LOG_MAX_FILES,
    },
    monitoringEnabled: read.MONITORING_ENABLED,
    alertsEmail: read.ALERTS_EMAIL,
    jwtSecret: read.JWT_SECRET,
    encryptionKey: read.ENCRYPTION_KEY,
    requestsPerMinute: read.RATE_LIMIT_ENABLED ? read.RATE_LIMIT_REQUESTS_PER_MINUTE : undefined,
    databaseUrl: read.DATABASE_URL,
    redisUrl: read.CACHE_PROVIDER === "redis" ? read.REDIS_URL : undefined,
    features: readFeatures(read),
    secrets: definitions.flatMap((one) => (one.secret && given[one.name] ? [given[one.name] ?? ""] : [])),
  });
}

function readMail(read: z.output<typeof variables>) {
  const from = { name: read.EMAIL_FROM_NAME, address: read.EMAIL_FROM_ADDRESS };
  if (read.EMAIL_PROVIDER !== "smtp") {
    throw new Error(
      `variable "EMAIL_PROVIDER": "${read.EMAIL_PROVIDER}" has no sender in this application; use smtp`,
    );
  }
  const { SMTP_HOST = "", SMTP_PORT = 587, SMTP_USER = "", SMTP_PASSWORD = "" } = read;
  return { host: SMTP_HOST, port: SMTP_PORT, user: SMTP_USER, password: SMTP_PASSWORD, from };
}

/** @param text a size as `10m`, already known to have this form. */
function readBytes(text: string): number {
  return Number(text.slice(0, -1)) * (sizes[text.slice(-1)] ?? 1);
}

function readFeatures(read: z.output<typeof variables>): Record<FeatureName, boolean> {
  return {
    automation_rules: read.FEATURE_AUTOMATION_RULES,
    job_queue: read.FEATURE_JOB_QUEUE,
    scheduler: read.FEATURE_SCHEDULER,
    notifications: read.FEATURE_NOTIFICATIONS,
    email_integration: read.FEATURE_EMAIL_INTEGRATION,
    slack_integration: read.FEATURE_SLACK_INTEGRATION,
    webhook_integration: read.FEATURE_WEBHOOK_INTEGRATION,
    batch_operations: read.FEATURE_BATCH_OPERATIONS,
  };
}
