// `greenlight backup`: backups by the stack's plan, beside releases. What it does stands in a secret that the stack wrote; only the
// secret's name is given to it.

import { parseArgs } from "node:util";
import { type Command, UsageError } from "../command.ts";
import { readPlan, untilEnded } from "../resident.ts";

const usage = `usage: greenlight backup [--secret NAME] [--once]

  --secret  the stack's secret with the plan, NAME/backup; else the variable BACKUP_SECRET_ID
  --once    what is due and no more, for cron

Takes the backups of greenlight:backup.schedule, restores each as the backup step does, and leaves a report in the bucket, which
the step scheduled-backup looks at. One that was missed is made up for at the start. Runs until SIGTERM. AWS credentials and
region come from the environment.`;

export const backup: Command = {
  usage,
  async run(args) {
    const { secret, once } = readArguments(args);
    await untilEnded(async (signal) => {
      const { backupPlan, runScheduledBackups } = await import("../../agent/scheduled-backup.ts");
      const plan = await readPlan(secret, "backups", backupPlan());
      await runScheduledBackups(plan, { signal, once, log: tell });
    });
    return 0;
  },
};

function tell(line: string): void {
  process.stderr.write(`${new Date().toISOString()} backup: ${line}\n`);
}

function readArguments(args: string[]): { secret: string; once: boolean } {
  const { values } = parseArgs({
    args,
    options: { secret: { type: "string" }, once: { type: "boolean", default: false } },
  });
  const secret = values.secret ?? process.env.BACKUP_SECRET_ID;
  if (!secret) throw new UsageError("want --secret NAME or BACKUP_SECRET_ID");
  return { secret, once: values.once };
}
