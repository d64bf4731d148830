// Proves that the database can be had back: a backup is made, stored encrypted, and verified level by level until a restored
// copy holds the same rows, within the time that the RTO allows. Says nothing about changes after the snapshot (point-in-time
// recovery), nor about sequences' positions, large objects, roles and other databases of the server.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { identityOf } from "./database.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

export const inputs = () =>
  z.strictObject({
    /** Database to back up, with a role that reads all of it and may create databases. */
    databaseUrl: z.string().min(1),
    /** Bucket for backups, versioned. */
    bucket: z.string().min(3),
    /** Folder in the bucket, without slash at its end. @default "backups" */
    prefix: z
      .string()
      .regex(/^[\w.-]+(\/[\w.-]+)*$/)
      .default("backups"),
    /** KMS key at rest, ARN or id. @default the bucket's own encryption */
    kmsKeyId: z.string().optional(),
    /** Seals the backup before it leaves this machine: random text, at least 32 characters. @default not sealed */
    encryptionKey: z.string().min(32).optional(),
    /** What is being deployed; part of the object's key and of what makes the step run again. */
    release: z.string().regex(/^[\w.+-]+$/),
    /** Days after which the bucket's lifecycle removes the backup, 1 to 3650. */
    retentionDays: z.number().int().min(1).max(3650),
    /** Longest time for fetching and restoring, 1 to 604800 s. */
    rtoSeconds: z.number().min(1).max(604_800),
    /** Smallest size beside the last backup's, 0 to 1: a backup that shrank suddenly is not trusted. @default 0.5 */
    minimumSizeRatio: z.number().min(0).max(1).default(0.5),
    /** Server for the drill. @default the one of databaseUrl */
    restoreUrl: z.string().optional(),
    /** Makes the step run again when one changes, e.g. the digest of the pending migrations. */
    triggers: z.array(z.string()).default([]),
  });
export type BackupInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: (given) => [
    ...passwordsOf(given.databaseUrl),
    ...passwordsOf(given.restoreUrl ?? ""),
    ...(given.encryptionKey ? [given.encryptionKey] : []),
  ],
  rerun: ({ databaseUrl, encryptionKey, release, triggers, bucket, prefix, retentionDays, rtoSeconds }) => ({
    database: identityOf(databaseUrl),
    sealed: encryptionKey !== undefined,
    release,
    triggers,
    bucket,
    prefix,
    retentionDays,
    rtoSeconds,
  }),
  deadlineSeconds: 14_400,
  plan: async (given, context) => (await import("./backup/plan.ts")).planBackup(given, context),
  run: async (given, context) => (await import("./backup/run.ts")).runBackup(given, context),
});

/**
 * Evidence: observations `exists`, `checksum`, `encrypted`, `sealed`, `retention`, `bytes-match`, `listable`, `restored`,
 * `data-equal`, `restore-time`, `size`; facts `key`, `versionId`, `sha256`, sizes, seconds and the tables' digests.
 */
export class Backup extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("backup", name, args, opts);
  }
}
