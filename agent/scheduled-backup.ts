// Backups by a plan: the backup step itself, at its time, each with a report in the bucket. A run that was missed, e.g. because the
// machine was off, is made up for at the start.
import { setTimeout as pause } from "node:timers/promises";
import { S3Client } from "@aws-sdk/client-s3";
import { Cron } from "croner";
import { z } from "zod";
import { trustedBytes } from "../checks/backup/size.ts";
import { step as backup } from "../checks/backup.ts";
import { type BackupReport, newestReport, storeReport } from "../checks/scheduled-backup/reports.ts";
import { messageOf } from "../checks/step/message.ts";
import { redactor } from "../checks/step/redaction.ts";

/** What stands in the stack's secret NAME/backup. */
export const backupPlan = () =>
  z.strictObject({
    /** Five fields, UTC. */
    cron: z.string(),
    /** How long one may take. @default as long as in a release whose settings do not say */
    deadlineSeconds: z.number().int().min(1).optional(),
    /** Inputs of the backup step. */
    backup: z.record(z.string(), z.unknown()),
  });
export type BackupPlan = z.output<ReturnType<typeof backupPlan>>;

export interface BackupOptions {
  /** Ends it, also in the middle of a backup. */
  signal: AbortSignal;
  /** Makes what is due, and no more. @default false */
  once?: boolean;
  log(line: string): void;
}

// A failed run is tried again so soon; and a clock that is set meanwhile is noticed.
const AGAIN_MILLISECONDS = 3_600_000;

export async function runScheduledBackups(plan: BackupPlan, options: BackupOptions): Promise<void> {
  const { signal, once, log } = options;
  const given = backup.inputs().parse(plan.backup);
  const { bucket, kmsKeyId, databaseUrl } = given;
  const place = { bucket, kmsKeyId, database: decodeURIComponent(new URL(databaseUrl).pathname.slice(1)) };
  const s3 = new S3Client({});
  try {
    let last = await newestReport(s3, place, signal);
    for (;;) {
      const due = dueAt(plan.cron, last);
      if (due.getTime() <= Date.now()) {
        last = await backUp(plan, last, signal, log);
        log(`${last.result}: ${last.problem ?? String(last.facts.key ?? "no key")}`);
        try {
          await storeReport(s3, place, last, signal);
        } catch (error) {
          if (once || signal.aborted) throw error;
          // Ended and started anew it would find no report of this run, and make one backup after the other.
          log(`report not stored, tried again with the next backup in an hour: ${messageOf(error)}`);
          last = { ...last, result: "failed" };
        }
      } else if (once) return;
      else await pause(Math.min(due.getTime() - Date.now(), AGAIN_MILLISECONDS), undefined, { signal });
      if (once) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    s3.destroy();
  }
}

/**
 * When the next run is due: at once where there was none by this plan, whose first run shows that it is followed, an hour after a
 * failed one, else by the plan.
 */
export function dueAt(
  cron: string,
  last: Pick<BackupReport, "cron" | "result" | "startedAt"> | undefined,
): Date {
  if (last === undefined || last.cron !== cron) return new Date(0);
  const started = new Date(last.startedAt);
  // This clock or the one of then went wrong; by the plan none would be made until that day.
  if (started.getTime() > Date.now() + AGAIN_MILLISECONDS) return new Date(0);
  if (last.result === "failed") return new Date(started.getTime() + AGAIN_MILLISECONDS);
  const next = new Cron(cron, { timezone: "UTC", paused: true }).nextRun(started);
  if (!next) throw new Error(`plan "${cron}": no time after ${last.startedAt}; correct backup.schedule.cron`);
  return next;
}

async function backUp(
  plan: BackupPlan,
  last: BackupReport | undefined,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<BackupReport> {
  const given = backup.inputs().parse(plan.backup);
  const redact = redactor(backup.secrets(given));
  const startedAt = new Date().toISOString();
  const { deadlineSeconds = backup.deadlineSeconds } = plan;
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineSeconds * 1000)]);
  const context = { name: "scheduled-backup", log, signal: deadline, previous: last?.facts };
  const made = await backup.run(given, context).then(
    (finding) => ({ ...finding, problem: null }),
    // What the next one is compared with stays known.
    (error: unknown) => ({
      observations: [],
      facts: { trustedBytes: trustedBytes(last?.facts) ?? null },
      problem: messageOf(error),
    }),
  );
  signal.throwIfAborted();
  const good = made.observations.every(({ result }) => result === "passed" || result === "notApplicable");
  return redact({
    cron: plan.cron,
    startedAt,
    finishedAt: new Date().toISOString(),
    result: made.problem === null && made.observations.length > 0 && good ? "passed" : "failed",
    ...made,
  });
}
