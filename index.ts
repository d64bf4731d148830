// One deployment from top to bottom: what exists, then what is proved, in the order of a release checklist.
// A part exists only if the stack has settings for it; docs/settings.md lists them all.
import { isAbsolute, join, relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Backup } from "./checks/backup.ts";
import { Health } from "./checks/health.ts";
import { Migration } from "./checks/migration.ts";
import { readMigrations } from "./checks/migrations/directory.ts";
import { Rows } from "./checks/rows.ts";
import { Schema } from "./checks/schema.ts";
import { Smoke } from "./checks/smoke.ts";
import type { Outcome } from "./checks/step/host.ts";
import type { Step, StepOptions } from "./checks/step/resource.ts";
import { AccessLogs } from "./infra/access-logs.ts";
import { Alarms } from "./infra/alarms.ts";
import { Backups } from "./infra/backups.ts";
import { Cache } from "./infra/cache.ts";
import { Database } from "./infra/database.ts";
import { Keys } from "./infra/keys.ts";
import { Logs } from "./infra/logs.ts";
import { Network } from "./infra/network.ts";
import { Secrets } from "./infra/secrets.ts";
import { readSettings } from "./infra/settings.ts";
import { Site } from "./infra/site.ts";

const settings = readSettings();
const { region, release } = settings;
const { name, awsAccountId: accountId, disposable } = settings.system;

// --- What exists

const keys = accountId === undefined ? undefined : new Keys(name, { accountId, region, disposable });
const accessLogs =
  settings.logs && accountId !== undefined
    ? new AccessLogs(name, { accountId, retentionDays: settings.logs.accessLogDays, disposable })
    : undefined;
const logged = { accessLogBucket: accessLogs?.bucketName, disposable };
const logs = settings.logs && keys && new Logs(name, { ...settings.logs, keyArn: keys.logs });
const network = settings.network && new Network(name, { region, ...settings.network });
const database =
  settings.database &&
  new Database(name, { ...settings.database, server: settings.database.adminUrl, disposable });
const backups =
  settings.backup && keys && new Backups(name, { ...settings.backup, keyArn: keys.backups, ...logged });
const cache =
  settings.cache && network && keys
    ? new Cache(name, { ...settings.cache, ...network.placement, keyArn: keys.data, disposable })
    : undefined;
const site = settings.site && new Site(name, { ...settings.site, accessLogs, disposable });
const alarms =
  settings.alarms && keys && accountId !== undefined
    ? new Alarms(name, { ...settings.alarms, accountId, keyArn: keys.data })
    : undefined;

const provided = {
  databaseUrl: database?.applicationUrl,
  readonlyDatabaseUrl: database?.readonlyUrl,
  cacheUrl: settings.cache?.url ?? cache?.url,
  backupBucket: backups?.bucketName,
  backupKeyArn: keys?.backups,
  siteUrl: site?.url,
  logGroup: logs?.groupNames[0],
};
const application =
  settings.application && keys
    ? new Secrets(name, {
        keyArn: keys.data,
        environment: {
          ...settings.application.environment,
          ...settings.application.secrets,
          ...renamed(settings.application.provided, provided),
        },
        generated: settings.application.generated,
        disposable,
      })
    : undefined;

// --- What is proved, each step after the one before it

const infrastructure = [keys, accessLogs, logs, network, database, backups, cache, site, alarms, application];
const steps: { [kind: string]: Step } = {};

const migrations = settings.migration && here(settings.migration.directory);
if (settings.backup && database && backups && release) {
  const { retentionDays, rtoSeconds, minimumSizeRatio } = settings.backup;
  add(Backup, "backup", {
    databaseUrl: database.migratorUrl,
    restoreUrl: database.adminUrl,
    bucket: backups.bucketName,
    kmsKeyId: keys?.backups,
    encryptionKey: backups.sealingKey,
    release: release.version,
    retentionDays,
    rtoSeconds,
    minimumSizeRatio,
    triggers: migrations === undefined ? [] : [readMigrations(migrations).digest],
    ...options(settings.backup),
  });
}
if (settings.migration && migrations !== undefined && database) {
  const { lintFailOn, directory: _, ...migration } = settings.migration;
  add(Migration, "migration", {
    ...migration,
    directory: migrations,
    databaseUrl: database.migratorUrl,
    lint: { failOn: lintFailOn },
    release: release?.version,
  });
}
if (settings.schema && settings.expected.schema && database) {
  add(Schema, "schema", {
    ...settings.expected.schema,
    databaseUrl: database.migratorUrl,
    probeUrl: database.adminUrl,
    ...options(settings.schema),
  });
}
if (settings.rows && settings.expected.rows && database) {
  const { file: _, ...rows } = settings.rows;
  add(Rows, "rows", { ...settings.expected.rows, databaseUrl: database.migratorUrl, ...rows });
}
if (settings.health) add(Health, "health", settings.health);
if (settings.smoke) {
  add(Smoke, "smoke", {
    ...settings.smoke,
    file: here(settings.smoke.file),
    release: release?.version,
    secrets: application?.environment.apply((variables) => renamed(settings.smoke?.secrets, variables)),
    databaseUrl: database?.migratorUrl,
    redisUrl: provided.cacheUrl,
  });
}

/** What every step proved, in one line each; the evidence itself is in the steps' own outputs. */
export const proven = Object.fromEntries(
  Object.entries(steps).map(([kind, step]) => [kind, step.outcome.apply(summary)]),
);
/** Where things are. */
export const addresses = pulumi.output({
  site: site?.url,
  backupBucket: backups?.bucketName,
  database: database?.databaseName,
  applicationSecret: application?.secretName,
});

/** E.g. `passed: 12 of 12 observations`. */
function summary({ result, observations }: Pick<Outcome, "result" | "observations">): string {
  const passed = observations.filter((observation) => observation.result === "passed").length;
  return `${result}: ${passed} of ${observations.length} observations`;
}

/** Adds the next step; a failure stops all that follow. */
function add<Args>(
  Kind: new (name: string, args: Args, options: pulumi.CustomResourceOptions) => Step,
  kind: string,
  args: Args,
): void {
  const before = Object.values(steps).slice(-1);
  const dependsOn = [...infrastructure, ...before].filter((resource) => resource !== undefined);
  steps[kind] = new Kind(kind, args, { dependsOn });
}

/** What a section says about its step as such. */
function options({ deadlineSeconds, enforcement, waivers }: StepOptions): StepOptions {
  return { deadlineSeconds, enforcement, waivers };
}

/** A path of the settings, from the program's folder, so that it is the same on every machine. */
function here(path: string): string {
  return isAbsolute(path) ? path : relative(process.cwd(), join(settings.directory, path)) || ".";
}

/** The values that the names stand for, under new names. */
function renamed<Value>(
  names: { [as: string]: string } = {},
  values: { [name: string]: Value | undefined },
): { [as: string]: Value } {
  const pairs = Object.entries(names).flatMap(([as, name]) => {
    const value = values[name];
    return value === undefined ? [] : [[as, value] as const];
  });
  return Object.fromEntries(pairs);
}
