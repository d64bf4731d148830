// That backups are made between releases, too.
import { ScheduledBackup } from "../checks/scheduled-backup.ts";
import type { Stack } from "./stack.ts";

export function scheduledBackup({ settings, estate, sequence }: Stack): void {
  const schedule = settings.backup?.schedule;
  if (!schedule || !estate.backupPlan || !estate.backups || !settings.database) return;
  sequence.add(ScheduledBackup, "scheduled-backup", {
    ...schedule,
    bucket: estate.backups.bucketName,
    database: settings.database.databaseName,
  });
}
