// What comes before anything is changed: preflight and backup.
import { Backup } from "../checks/backup.ts";
import { readMigrations } from "../checks/migrations/directory.ts";
import { Mute } from "../checks/mute.ts";
import { Preflight } from "../checks/preflight.ts";
import { Rehearsal } from "../checks/rehearsal.ts";
import { stepOptions } from "../checks/step/sequence.ts";
import type { Stack } from "./stack.ts";

export function preflight(stack: Stack): void {
  const { settings, estate, redis } = stack;
  if (!settings.preflight) return;
  const { minimumPostgresqlMajor, databaseRefusesPlain, redisMemoryPercent, ...given } = settings.preflight;
  const rulesFile = settings.application?.rulesFile;
  stack.sequence.add(Preflight, "preflight", {
    ...given,
    environment: estate.application?.environment,
    rulesFile: rulesFile === undefined ? undefined : stack.path(rulesFile),
    database: estate.database && {
      url: estate.database.migratorUrl,
      minimumMajor: minimumPostgresqlMajor,
      mustRefusePlain: databaseRefusesPlain,
    },
    redis: redis.url && { url: redis.url, caFile: redis.caFile, maximumMemoryPercent: redisMemoryPercent },
    buckets: estate.buckets,
  });
}

export function mute(stack: Stack): void {
  const { settings, estate } = stack;
  const alarmName = estate.alarms?.deployingAlarm;
  if (!settings.alarms || !estate.alarms || !alarmName) return;
  const { namespace } = estate.alarms;
  stack.sequence.add(Mute, "mute", { namespace, alarmName, minutes: settings.alarms.mutedMinutes });
}

export function backup(stack: Stack): void {
  const { settings, estate } = stack;
  const { backups, database, keys } = estate;
  if (!settings.backup || !settings.release || !backups || !database) return;
  const { retentionDays, rtoSeconds, minimumSizeRatio } = settings.backup;
  const { migration } = settings;
  stack.sequence.add(Backup, "backup", {
    databaseUrl: database.backupUrl,
    // Restoring makes a database of its own, which only the administrator may.
    restoreUrl: database.adminUrl,
    bucket: backups.bucketName,
    kmsKeyId: keys?.backups,
    encryptionKey: backups.sealingKey,
    release: settings.release.version,
    retentionDays,
    rtoSeconds,
    minimumSizeRatio,
    triggers: [
      ...(migration ? [readMigrations(stack.path(migration.directory), migration.naming).digest] : []),
      // The backup of a rollback holds what is undone: it is not the next release's.
      ...stack.backSince,
    ],
    ...stepOptions(settings.backup),
  });
}

/** What this deployment backed up, for steps that restore it. */
export function backupOf({ sequence }: Stack) {
  return sequence.steps.backup?.facts.apply(({ bucket, key, versionId, archiveBytes }) => ({
    bucket: String(bucket),
    key: String(key),
    versionId: typeof versionId === "string" ? versionId : null,
    archiveBytes: Number(archiveBytes),
  }));
}

export function rehearsal(stack: Stack): void {
  const { settings, estate, sequence } = stack;
  const { backups, database } = estate;
  const backup = backupOf(stack);
  if (!settings.rehearsal || !settings.migration || !backups || !database || !backup) return;
  const { directory, naming, schema, historyTable, statementTimeoutSeconds, outOfOrder, gaps, baseline } =
    settings.migration;
  sequence.add(Rehearsal, "rehearsal", {
    ...settings.rehearsal,
    directory: stack.path(directory),
    databaseUrl: database.migratorUrl,
    restoreUrl: database.adminUrl,
    backup,
    encryptionKey: backups.sealingKey,
    naming,
    schema,
    historyTable,
    statementTimeoutSeconds,
    outOfOrder,
    gaps,
    baseline,
  });
}
