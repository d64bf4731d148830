// One deployment from top to bottom: what exists, then what is proved, in the order of a release checklist.
// A part exists only if the stack has settings for it; docs/settings.md lists them all.
import { isAbsolute, join, relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { AlarmProof } from "./checks/alarms.ts";
import { Backup } from "./checks/backup.ts";
import { Health } from "./checks/health.ts";
import { Migration } from "./checks/migration.ts";
import { readMigrations } from "./checks/migrations/directory.ts";
import { Preflight } from "./checks/preflight.ts";
import { ReleaseRecord } from "./checks/record.ts";
import { digestOfContents } from "./checks/release/contents.ts";
import { Release } from "./checks/release.ts";
import { Rows } from "./checks/rows.ts";
import { Schema } from "./checks/schema.ts";
import { Security } from "./checks/security.ts";
import { SiteRelease } from "./checks/site.ts";
import { Smoke } from "./checks/smoke.ts";
import { Sequence, stepOptions } from "./checks/step/sequence.ts";
import { provision, renamed } from "./infra/estate.ts";
import { readSettings } from "./infra/settings.ts";

const settings = readSettings();
const { release, expected } = settings;
const estate = provision(settings);
const { application, backups, database, keys } = estate;
const redis = { url: estate.cacheUrl, caFile: here(settings.cache?.certificateFile) };
const sequence = new Sequence(estate.all);

if (settings.preflight) {
  const { minimumPostgresqlMajor, ...preflight } = settings.preflight;
  sequence.add(Preflight, "preflight", {
    ...preflight,
    environment: application?.environment,
    rulesFile: here(settings.application?.rulesFile),
    database: database && { url: database.migratorUrl, minimumMajor: minimumPostgresqlMajor },
    redis: redis.url && { url: redis.url, caFile: redis.caFile },
    buckets: estate.buckets,
  });
}
const migrations = settings.migration && here(settings.migration.directory);
if (settings.backup && database && backups && release) {
  const { retentionDays, rtoSeconds, minimumSizeRatio } = settings.backup;
  sequence.add(Backup, "backup", {
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
    ...stepOptions(settings.backup),
  });
}
if (settings.migration && migrations !== undefined && database) {
  const { lintFailOn, ...migration } = settings.migration;
  sequence.add(Migration, "migration", {
    ...migration,
    directory: migrations,
    databaseUrl: database.migratorUrl,
    lint: { failOn: lintFailOn },
    release: release?.version,
  });
}
if (settings.schema && expected.schema && database) {
  sequence.add(Schema, "schema", {
    ...expected.schema,
    databaseUrl: database.migratorUrl,
    probeUrl: database.adminUrl,
    ...stepOptions(settings.schema),
  });
}
if (settings.rows && expected.rows && database) {
  const { file: _, ...rows } = settings.rows;
  sequence.add(Rows, "rows", { ...expected.rows, databaseUrl: database.migratorUrl, ...rows });
}
if (release?.command && release.versionUrl !== undefined) {
  const { contents, ...given } = release;
  sequence.add(Release, "release", {
    ...given,
    command: release.command,
    versionUrl: release.versionUrl,
    directory: here(release.directory),
    environment: pulumi.all({
      ...release.environment,
      RELEASE_VERSION: release.version,
      // The application reads its variables at its start; the command is given the name of the secret alone.
      ...(application && { APP_SECRET_ID: application.secretName }),
    }),
    triggers: [digestOfContents(contents.map(here)), ...(application ? [application.versionId] : [])],
  });
}
if (settings.site && estate.site) {
  const { maximumBytes, keepAssetDays, edgeUrl, directory } = settings.site;
  sequence.add(SiteRelease, "site", {
    directory: here(directory),
    bucket: estate.site.bucketName,
    distributionId: estate.site.distributionId,
    ...estate.site.edge(edgeUrl),
    headers: estate.site.headers,
    maximumBytes,
    keepAssetDays,
    ...stepOptions(settings.site),
  });
}
if (settings.health) sequence.add(Health, "health", settings.health);
if (settings.smoke) {
  const { secrets, ...smoke } = settings.smoke;
  sequence.add(Smoke, "smoke", {
    ...smoke,
    file: here(smoke.file),
    release: release?.version,
    secrets: application?.environment.apply((variables) => renamed(secrets, variables)),
    databaseUrl: database?.migratorUrl,
    redisUrl: redis.url,
    redisCaFile: redis.caFile,
  });
}
if (settings.security) {
  const { token, unchangedQuery, ...security } = settings.security;
  sequence.add(Security, "security", {
    ...security,
    token: token && { secret: variable(token.variable), algorithm: token.algorithm, claims: token.claims },
    unchanged:
      unchangedQuery === undefined || !database
        ? undefined
        : { databaseUrl: database.migratorUrl, query: unchangedQuery },
  });
}
if (settings.alarms && estate.alarms) {
  const { drill, receiptUrl, deliverySeconds } = settings.alarms;
  const { alarms } = estate.alarms;
  sequence.add(AlarmProof, "alarms", {
    alarms: alarms.map(({ rule: _, ...alarm }) => alarm),
    drill: alarms.filter(({ rule }) => drill.includes(rule)).map(({ id }) => id),
    receiptUrl,
    deliverySeconds,
    ...stepOptions(settings.alarms),
  });
}
if (settings.record && estate.records) {
  sequence.add(ReleaseRecord, "record", {
    bucket: estate.records.bucketName,
    kmsKeyId: keys?.backups,
    system: settings.system.name,
    stack: settings.stack,
    release: release?.version,
    commit: settings.record.commit,
    steps: sequence.outcomes,
    ...stepOptions(settings.record),
  });
}

/** What every step proved; the evidence itself is in the steps' own outputs. */
export const proven = sequence.proven;
/** Where things are. */
export const addresses = pulumi.output({
  site: estate.site?.url,
  backupBucket: backups?.bucketName,
  recordBucket: estate.records?.bucketName,
  database: database?.databaseName,
  applicationSecret: application?.secretName,
});

/** The value of one of the application's variables. */
function variable(name: string): pulumi.Output<string> {
  return pulumi.secret(application?.environment.apply((variables) => variables[name] ?? "") ?? "");
}

/** A path of the settings, from the program's folder, so that it is the same on every machine. */
function here<Path extends string | undefined>(path: Path): Path | string {
  if (path === undefined) return path;
  return isAbsolute(path) ? path : relative(process.cwd(), join(settings.directory, path)) || ".";
}
