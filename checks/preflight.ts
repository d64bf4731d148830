// Proves, before anything is changed, that a deployment can succeed from here: variables present and well formed, programs
// new enough, database, Redis, buckets and names reachable, disk and clock in order. Says nothing about whether values work
// together: see health and smoke. What is known before `up` is looked at by the preview already.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    /** The application's variables; secret ones too, their values are never shown. */
    environment: z.record(z.string(), z.string()).optional(),
    /** What each variable must look like (YAML). Its format: checks/preflight/variables.ts. */
    rulesFile: z.string().min(1).optional(),
    /** Programs that the deployment calls, with the smallest version, e.g. `{ pg_dump: "15", node: "22.18" }`. */
    tools: z.record(z.string().regex(/^[\w.+-]+$/), z.string().regex(/^\d+(\.\d+)*$/)).default({}),
    database: z
      .strictObject({
        url: z.string().min(1),
        /** Smallest major version of the server, 9 to 99. @default 14 */
        minimumMajor: z.number().int().min(9).max(99).default(14),
        /** Refuses a session without TLS 1.2 or newer. @default true */
        requireTls: z.boolean().default(true),
        /** The server must let nobody in without TLS. @default false, not tried */
        mustRefusePlain: z.boolean().default(false),
      })
      .optional(),
    redis: z
      .strictObject({
        url: z.string().min(1),
        /** CA of the server, PEM file. @default the system's */
        caFile: z.string().optional(),
        /** Refuses an address without TLS. @default true */
        requireTls: z.boolean().default(true),
        /** Largest part of its memory that may be in use, in per cent, 1 to 100. @default not looked at */
        maximumMemoryPercent: z.number().min(1).max(100).optional(),
      })
      .optional(),
    /** Buckets that must exist and be readable. */
    buckets: z.array(z.string().min(3)).default([]),
    /** Names that must resolve. */
    hosts: z.array(z.string().min(1)).default([]),
    /** Server certificates that must be trusted and last, e.g. `{ host: "www.example.com" }`. */
    certificates: z
      .array(
        z.strictObject({
          host: z.string().min(1),
          port: z.number().int().min(1).max(65_535).default(443),
          /** Days that it must still be valid, 0 to 398. @default 14 */
          minimumDays: z.number().int().min(0).max(398).default(14),
          /** CA beside the system's, PEM file. */
          caFile: z.string().optional(),
        }),
      )
      .default([]),
    /** Free space by folder in MiB, e.g. `{ "/var/lib/app": 2048 }`. */
    freeMib: z.record(z.string().min(1), z.number().int().min(1)).default({}),
    /** Largest difference to AWS's clock, 1 to 300 s; AWS refuses requests beyond 300. @default 5 */
    maximumClockSkewSeconds: z.number().int().min(1).max(300).default(5),
    /** Whose Date header is the clock; null for none. @default the AWS endpoint of this process */
    clockUrl: z.url().nullable().optional(),
  });
export type PreflightInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: (given) => [
    ...Object.values(given.environment ?? {}).filter(looksSecret),
    ...Object.values(given.environment ?? {}).flatMap(passwordsOf),
    ...passwordsOf(given.database?.url ?? ""),
    ...passwordsOf(given.redis?.url ?? ""),
  ],
  rerun: "always",
  deadlineSeconds: 120,
  plan: async (given, context) => (await import("./preflight/run.ts")).planPreflight(given, context),
  run: async (given, context) => (await import("./preflight/run.ts")).runPreflight(given, context),
});

/** Long values may be keys: they are taken out of everything; short ones such as `production` are words. */
function looksSecret(value: string): boolean {
  return value.length >= 16 && !/\s/.test(value) && /\d/.test(value);
}

/**
 * Evidence: observations `environment`, `variable-<name>` for each that is set or has to be, `tool-<program>`, `database`,
 * `database-version`, `database-tls`, `database-tls-required`, `redis`, `redis-password`, `redis-memory`, `bucket-<name>`, `host-<name>`, `certificate-<host>`, `disk-<folder>`, `clock`.
 */
export class Preflight extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("preflight", name, args, opts);
  }
}
