// environment.yaml has every variable of the checklist, its examples obey its rules, and each rule refuses what it should.
import { describe, expect, it } from "vitest";
import { readSettings } from "../../../examples/hv-consultores/application/settings.ts";
import { findFaults, readDefinitions } from "../../../examples/parts/environment.ts";
import { inExample } from "./support/example.ts";

// As the checklist writes them, in its order; those of its other sections last.
const names = `NODE_ENV NEXT_PUBLIC_APP_URL NEXT_PUBLIC_ENVIRONMENT NEXT_PUBLIC_SUPABASE_URL
  NEXT_PUBLIC_SUPABASE_ANON_KEY SUPABASE_SERVICE_ROLE_KEY EMAIL_PROVIDER SMTP_HOST SMTP_PORT SMTP_USER SMTP_PASSWORD
  EMAIL_FROM_ADDRESS EMAIL_FROM_NAME SENDGRID_API_KEY AWS_SES_ACCESS_KEY AWS_SES_SECRET_KEY AWS_SES_REGION
  MAILGUN_DOMAIN MAILGUN_API_KEY SLACK_WEBHOOK_URL SLACK_NOTIFICATIONS_ENABLED QUEUE_PROCESSOR_INTERVAL
  QUEUE_PROCESSOR_BATCH_SIZE QUEUE_JOB_TIMEOUT QUEUE_JOB_MAX_RETRIES QUEUE_JOB_BACKOFF_BASE SCHEDULER_ENABLED
  SCHEDULER_CHECK_INTERVAL LOG_LEVEL LOG_FILE LOG_MAX_SIZE LOG_MAX_FILES MONITORING_ENABLED ALERTS_EMAIL
  ALERT_THRESHOLD_QUEUE_SIZE ALERT_THRESHOLD_ERROR_RATE ALERT_THRESHOLD_RESPONSE_TIME JWT_SECRET ENCRYPTION_KEY
  RATE_LIMIT_ENABLED RATE_LIMIT_REQUESTS_PER_MINUTE BACKUP_ENABLED BACKUP_SCHEDULE BACKUP_RETENTION_DAYS
  BACKUP_STORAGE AWS_S3_BACKUP_BUCKET FEATURE_AUTOMATION_RULES FEATURE_JOB_QUEUE FEATURE_SCHEDULER
  FEATURE_NOTIFICATIONS FEATURE_EMAIL_INTEGRATION FEATURE_SLACK_INTEGRATION FEATURE_WEBHOOK_INTEGRATION
  FEATURE_BATCH_OPERATIONS DATABASE_URL CACHE_PROVIDER REDIS_URL LOG_AGGREGATION_ENABLED LOG_AGGREGATION_ENDPOINT
  BACKUP_ENCRYPTION BACKUP_ENCRYPTION_KEY`.split(/\s+/);

const definitions = await readDefinitions(inExample("environment.yaml"));
const examples = Object.fromEntries(definitions.map((one) => [one.name, one.example]));
const faultsWith = (change: Record<string, string | undefined>) =>
  findFaults(definitions, { ...examples, ...change });

describe("environment.yaml", () => {
  it("has the 61 variables, each once", () => {
    expect(names).toHaveLength(61);
    expect(definitions.map((one) => one.name).sort()).toEqual([...names].sort());
  });

  it("gives each an example that its own rule accepts", () => {
    expect(findFaults(definitions, examples)).toEqual([]);
  });

  it("names an output for whatever the infrastructure provides", () => {
    const provided = definitions.filter((one) => one.source === "infrastructure");
    expect(provided.map((one) => one.name).sort()).toEqual([
      "AWS_S3_BACKUP_BUCKET",
      "BACKUP_ENCRYPTION_KEY",
      "DATABASE_URL",
      "REDIS_URL",
    ]);
    expect(provided.every((one) => one.output !== undefined)).toBe(true);
  });

  it("marks as secret whatever opens something", () => {
    const secret = definitions.filter((one) => one.secret).map((one) => one.name);
    expect(secret.sort()).toEqual([
      "AWS_SES_ACCESS_KEY",
      "AWS_SES_SECRET_KEY",
      "DATABASE_URL",
      "ENCRYPTION_KEY",
      "JWT_SECRET",
      "MAILGUN_API_KEY",
      "REDIS_URL",
      "SENDGRID_API_KEY",
      "SLACK_WEBHOOK_URL",
      "SMTP_PASSWORD",
      "SUPABASE_SERVICE_ROLE_KEY",
    ]);
  });
});

describe("a set of variables", () => {
  it.each(
    names.filter((name) => definitions.find((one) => one.name === name)?.required === true),
  )("is refused without %s", (name) => {
    expect(faultsWith({ [name]: undefined })).toEqual([
      expect.stringContaining(`variable "${name}": not set`),
    ]);
    expect(faultsWith({ [name]: "" })).toHaveLength(1);
  });

  it.each([
    ["SENDGRID_API_KEY", "EMAIL_PROVIDER", "sendgrid"],
    ["AWS_SES_SECRET_KEY", "EMAIL_PROVIDER", "ses"],
    ["MAILGUN_DOMAIN", "EMAIL_PROVIDER", "mailgun"],
    ["SMTP_PASSWORD", "EMAIL_PROVIDER", "smtp"],
    ["REDIS_URL", "CACHE_PROVIDER", "redis"],
    ["LOG_AGGREGATION_ENDPOINT", "LOG_AGGREGATION_ENABLED", "true"],
  ])("needs %s only while %s is %s", (name, other, value) => {
    expect(faultsWith({ [name]: undefined, [other]: value })).toHaveLength(1);
    const otherwise = { EMAIL_PROVIDER: "smtp", CACHE_PROVIDER: "memory", LOG_AGGREGATION_ENABLED: "false" };
    const without = value === "smtp" ? { EMAIL_PROVIDER: "sendgrid" } : otherwise;
    expect(faultsWith({ [name]: undefined, ...without })).toEqual([]);
  });

  it.each([
    ["SMTP_PORT", "0", "a whole number from 1 to 65535"],
    ["SMTP_PORT", "65536", "a whole number from 1 to 65535"],
    ["QUEUE_PROCESSOR_INTERVAL", "ten", "a whole number from 1 to 3600"],
    ["NODE_ENV", "development", "one of production"],
    ["RATE_LIMIT_ENABLED", "false", "one of true"],
    ["SCHEDULER_ENABLED", "yes", "true or false"],
    ["LOG_MAX_SIZE", "10 MB", "a size such as 10m"],
    ["EMAIL_FROM_ADDRESS", "noreply", "a mail address"],
    ["SMTP_HOST", "smtp gmail", "a host name"],
    ["BACKUP_SCHEDULE", "0 25 * * *", "a cron expression of five fields"],
    ["BACKUP_SCHEDULE", "0 2 * * * *", "a cron expression of five fields"],
    ["BACKUP_RETENTION_DAYS", "29", "a whole number from 30 to 3650"],
    ["NEXT_PUBLIC_APP_URL", "http://hv-consultores.com", "an https URL"],
    ["LOG_FILE", "application.log", "text that matches"],
    ["BACKUP_ENCRYPTION_KEY", "alias/backups", "text that matches"],
  ])("is refused when %s is %s", (name, value, want) => {
    expect(faultsWith({ [name]: value })).toEqual([expect.stringContaining(want)]);
  });

  it.each([
    ["JWT_SECRET", "s".repeat(31), "at least 32 characters"],
    ["DATABASE_URL", "postgresql://app:hunter2hunter2@db/hv", "sslmode require"],
    ["DATABASE_URL", "postgresql://app:hunter2hunter2@db/hv?sslmode=prefer", "sslmode require"],
    ["REDIS_URL", "redis://:hunter2hunter2@cache.example.org", "a rediss URL"],
    ["SENDGRID_API_KEY", "hunter2hunter2", "text that matches"],
  ])("is refused when %s is wrong, and the message does not show it", (name, value, want) => {
    const [fault] = faultsWith({ [name]: value });
    expect(fault).toContain(want);
    expect(fault).toContain(`a secret of ${value.length} characters`);
    expect(fault).not.toContain(value);
  });

  it.each([
    ["JWT_SECRET", "s".repeat(32)],
    ["SMTP_PORT", "65535"],
    ["BACKUP_RETENTION_DAYS", "30"],
    ["SLACK_WEBHOOK_URL", "http://127.0.0.1:9999/hooks/slack"],
    ["REDIS_URL", "redis://localhost:6379"],
  ])("is accepted when %s is just inside its bounds", (name, value) => {
    expect(faultsWith({ [name]: value })).toEqual([]);
  });

  it("that is wrong in several places is refused with a line for each", () => {
    const given = { ...examples, JWT_SECRET: "short", SMTP_PORT: "x", LOG_LEVEL: "loud" };
    expect(() => readSettings(definitions, given)).toThrow(
      /variable "SMTP_PORT".*\n.*"LOG_LEVEL".*\n.*"JWT_SECRET"/s,
    );
  });

  it("becomes settings with units as the names say", () => {
    const settings = readSettings(definitions, examples);
    expect(settings.queue).toEqual({
      intervalSeconds: 10,
      batchSize: 100,
      timeoutMilliseconds: 300_000,
      maxRetries: 3,
      backoffBaseSeconds: 60,
    });
    expect(settings.log).toMatchObject({ level: "info", maxBytes: 10 * 1024 * 1024, maxFiles: 30 });
  });
});
