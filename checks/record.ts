// Keeps what a deployment proved: one canonical JSON document a run, stored encrypted and versioned, each with the hash of the
// one before, so that a record that is changed or taken away later is noticed. Says nothing beyond what the steps observed.
import { readFile } from "node:fs/promises";
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

/** What another step's `outcome` is. */
const outcome = () =>
  z.looseObject({
    result: z.enum(["passed", "failed", "notApplicable", "inconclusive"]),
    observations: z.array(
      z.strictObject({
        id: z.string(),
        result: z.string(),
        expected: z.string(),
        observed: z.string(),
        pendingUntil: z.string().optional(),
      }),
    ),
    facts: z.record(z.string(), z.json()),
    /** Faults that did not stop the update, with why. */
    accepted: z.array(z.string()).optional(),
    startedAt: z.string(),
    finishedAt: z.string(),
  });

/** The value itself or its JSON: thousands of small values take an engine long to hand on one by one. */
const orJson = <Schema extends z.ZodType>(schema: Schema) =>
  z.union([
    schema,
    z
      .string()
      .transform((text, { issues }): unknown => {
        try {
          return JSON.parse(text);
        } catch {
          issues.push({ code: "custom", message: "must be JSON", input: text });
          return z.NEVER;
        }
      })
      .pipe(schema),
  ]);

const inputs = () =>
  z.strictObject({
    /** Bucket for records, versioned. */
    bucket: z.string().min(3),
    /** Folder in the bucket, without slash at its end. @default "records" */
    prefix: z
      .string()
      .regex(/^[\w.-]+(\/[\w.-]+)*$/)
      .default("records"),
    /** KMS key at rest, ARN or id. @default the bucket's own encryption */
    kmsKeyId: z.string().optional(),
    /** Also written to this file, from the program's directory. @default no file */
    file: z.string().min(1).optional(),
    /** Folder with a copy of every record that this machine wrote, from the program's directory. @default no copies */
    copies: z.string().min(1).optional(),
    /** What was deployed, e.g. `orders`. */
    system: z.string().regex(/^[\w.-]+$/),
    /** Where, e.g. `production`. */
    stack: z.string().regex(/^[\w.-]+$/),
    release: z.string().default(""),
    /** Revision of the program and its settings, e.g. a git commit. */
    commit: z.string().default(""),
    /** Outcomes by step: `{ backup: backup.outcome }`. */
    steps: orJson(z.record(z.string(), outcome())),
    /** What was deployed, by part: texts and digests, as the sign-off gate binds them. */
    parts: z.record(z.string(), z.string()).default({}),
    /** Where the stack's state is. */
    checkpoint: z
      .strictObject({
        /** Address of the backend without what lets one in; null for the one that the CLI is logged in to. */
        backend: z.string().nullable(),
        organization: z.string(),
        project: z.string(),
        stack: z.string(),
      })
      .optional(),
    /** Settings by path, secrets as digests. @default not recorded */
    settings: orJson(z.record(z.string(), z.string())).optional(),
    /** The project's folder and other paths of the release, kept as they are for a rollback. @default not kept */
    project: z.strictObject({ directory: z.string().min(1), others: z.array(z.string().min(1)) }).optional(),
    /** The database whose migrations and schema are recorded; its address is secret. @default none */
    database: z
      .strictObject({
        url: z.string().min(1),
        schema: z.string().default("public"),
        historyTable: z.string().default("greenlight_migrations"),
      })
      .optional(),
    /** Checklist of the team, whose boxes are judged by the steps. @default none */
    checklist: z.string().min(1).optional(),
    /** Where the migrations are, from the program's directory, for a rollback. @default none */
    migrations: z.string().min(1).optional(),
    /** When this deployment began, and how long it may take until it is recorded. @default not looked at */
    time: z.strictObject({ startedAt: z.iso.datetime(), maximumMinutes: z.number().positive() }).optional(),
    /** Longest time of single steps when they last ran, in seconds, e.g. `{ migration: 300 }`. @default not looked at */
    maximumStepSeconds: z.record(z.string(), z.number().positive()).default({}),
    /** This deployment goes back to a recorded one, and has to end like it. */
    undo: z
      .strictObject({
        /** Key of the record that it goes back to. */
        to: z.string().min(1),
        /** Key of the record that is undone; null where its deployment failed before it was recorded. */
        undoes: z.string().nullable(),
        startedAt: z.iso.datetime(),
        /** Longest time from the command to here. */
        limitSeconds: z.number().positive(),
        schemaDigest: z.string().nullable(),
        site: z.record(z.string(), z.string()).nullable(),
        parts: z.record(z.string(), z.string()),
      })
      .optional(),
    /** Further facts that a rollback needs, e.g. flags, settings digest. No secrets: records are read by many. */
    outputs: z.record(z.string(), z.json()).default({}),
  });
export type RecordInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: ({ database }) => (database ? [database.url, ...passwordsOf(database.url)] : []),
  rerun: "always",
  deadlineSeconds: 120,
  // A checklist that nobody can read is told before anything is touched, and not when all is done.
  async plan({ checklist }) {
    if (checklist === undefined) return [];
    const { readChecklist } = await import("../report/checklist.ts");
    readChecklist(await readFile(checklist, "utf8"), checklist);
    return [];
  },
  run: async (given, context) => (await import("./record/run.ts")).runRecord(given, context),
});

/**
 * Evidence: observations `steps`, `time` and `time-STEP` (where asked), `stored`, `chained`, `checklist`, `snapshot`; after a rollback also `schema-restored`, `site-restored`,
 * `release-restored` and `rollback-time`; facts `key`, `versionId`, `sha256`, `previousKey`, `snapshot`.
 */
export class ReleaseRecord extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("record", name, args, opts);
  }
}
