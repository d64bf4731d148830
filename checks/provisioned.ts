// Proves that what the stack provisioned is in AWS as it was asked for, read back through AWS's own APIs: in the regions that were
// chosen, encrypted with the stack's keys, Redis reached from its clients alone and saved daily, the database encrypted and kept so
// that it can go back to a point in time, the application's secret readable with the application's policy and no other. Says nothing about what runs inside.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const named = () => z.string().min(1);
const encrypted = () => z.array(z.strictObject({ name: named(), keyArn: named() })).default([]);

const inputs = () =>
  z.strictObject({
    /** Where anything of the stack may be, e.g. `us-east-1`. */
    regions: z.array(named()).min(1),
    /** The Redis group and what it must be like. */
    cache: z
      .strictObject({
        groupId: named(),
        securityGroupId: named(),
        /** The key that must encrypt it. @default any */
        keyArn: named().optional(),
        nodes: z.number().int().min(1),
        clientCidrBlocks: z.array(named()),
        /** Days for which daily snapshots are kept; 0 for none. */
        snapshotDays: z.number().int().min(0),
        maxmemoryPolicy: named(),
      })
      .optional(),
    /** The RDS instance that serves the database. @default none: nobody can look */
    databaseInstance: named().optional(),
    /** Each with the ARN of the KMS key that must encrypt it. */
    buckets: encrypted(),
    logGroups: encrypted(),
    secrets: encrypted(),
    /** Which policies read a secret and which do not. */
    access: z
      .strictObject({
        secretArn: named(),
        reads: z.array(named()).min(1),
        readsNot: z.array(named()).default([]),
      })
      .optional(),
  });
export type ProvisionedInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: () => [],
  rerun: "always",
  deadlineSeconds: 120,
  run: async (given, context) => (await import("./provisioned/run.ts")).runProvisioned(given, context),
});

/**
 * Evidence, as far as the stack has it: observations `cache`, `cache-transit`, `cache-at-rest`, `cache-snapshots`, `cache-policy`,
 * `cache-network`, `database-at-rest`, `database-recovery`, `buckets-at-rest`, `logs-at-rest`, `secrets-at-rest`, `secret-access`, `regions`.
 */
export class Provisioned extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("provisioned", name, args, opts);
  }
}
