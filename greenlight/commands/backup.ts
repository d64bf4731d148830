// `greenlight backup`: backups by the stack's plan, beside releases. What it does stands in a secret that the stack wrote; only the
// secret's name is given to it.

import { parseArgs } from "node:util";
import { type Command, UsageError } from "../command.ts";

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
    const stopping = new AbortController();
    for (const name of ["SIGTERM", "SIGINT"]) process.once(name, () => stopping.abort());
    // A process manager goes on; whether backups arrive is for the step to prove.
    process.send?.("ready");
    const { backupPlan, runScheduledBackups } = await import("../../agent/scheduled-backup.ts");
    const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
    const vault = new SecretsManagerClient({});
    const { SecretString } = await vault.send(new GetSecretValueCommand({ SecretId: secret }));
    vault.destroy();
    const plan = backupPlan().safeParse(readJson(SecretString ?? ""));
    if (!plan.success) throw new Error(`secret "${secret}": no plan of backups, want NAME/backup of a stack`);
    await runScheduledBackups(plan.data, {
      signal: stopping.signal,
      once,
      log: (line) => process.stderr.write(`${new Date().toISOString()} backup: ${line}\n`),
    });
    // A process manager's channel would keep this process alive.
    if (process.connected) process.disconnect?.();
    return 0;
  },
};

function readArguments(args: string[]): { secret: string; once: boolean } {
  const { values } = parsed(args);
  const secret = values.secret ?? process.env.BACKUP_SECRET_ID;
  if (!secret) throw new UsageError("want --secret NAME or BACKUP_SECRET_ID");
  return { secret, once: values.once };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: { secret: { type: "string" }, once: { type: "boolean", default: false } },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // told without the text
  }
}
