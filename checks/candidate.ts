// Proves, before production is touched, that the version to be released works on production's data: it is started beside
// production, on a copy restored from the backup and migrated, users' journeys go through it, its answers are timed, and its
// database is taken away from it for a moment. Says nothing about production's machines, rate of requests or neighbours.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { latencyTarget } from "./latency/definition.ts";
import { people } from "./latency.ts";
import { NAMINGS } from "./migrations/styles.ts";
import { isPattern } from "./pattern.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { namedList } from "./step/named-list.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";
import { storedBackup } from "./stored-backup.ts";

const inputs = () =>
  z.strictObject({
    /** What `versionRoute` must answer. */
    version: z.string().min(1),
    /** Runs the application in the foreground until SIGTERM: program and arguments, no shell. */
    command: z.array(z.string().min(1)).min(1),
    /** Where it runs, from the program's directory. @default "." */
    directory: z.string().min(1).default("."),
    /** Its variables; their values are not shown. */
    environment: z.record(z.string(), z.string()).default({}),
    /** Those of them whose values may stand in no log. */
    secretVariables: z.array(z.string()).default([]),
    /** Variables that hold the database's address: the candidate gets the copy's. */
    databaseVariables: z.array(z.string()).default([]),
    /** Variables that hold Redis's address: the candidate gets another of its databases. */
    cacheVariables: z.array(z.string()).default([]),
    /** The variable that says at which port of 127.0.0.1 it has to answer; a free one is chosen. @default "PORT" */
    portVariable: z.string().default("PORT"),
    /** Answers JSON with the running version. @default "/api/version" */
    versionRoute: z.string().startsWith("/").default("/api/version"),
    /** @default "$.version" */
    versionPath: z.string().startsWith("$").default("$.version"),
    /** Time from its start until it answers, 1 to 600 s. @default 60 */
    withinSeconds: z.number().min(1).max(600).default(60),
    /** Address of the database as the role that migrates it; secret. */
    databaseUrl: z.string().min(1),
    /** Address of a role that may create databases on the same server; secret. */
    restoreUrl: z.string().min(1),
    /** The backup that the copy is restored from. */
    backup: storedBackup(),
    /** Opens a sealed backup; secret. @default not sealed */
    encryptionKey: z.string().min(32).optional(),
    /** What is brought to the newest file on the copy. */
    migrations: z.strictObject({
      directory: z.string().min(1),
      naming: z.enum(NAMINGS).default("greenlight"),
      schema: z.string().default("public"),
      historyTable: z.string().default("greenlight_migrations"),
      outOfOrder: z.enum(["refuse", "allow"]).default("refuse"),
      gaps: z.enum(["refuse", "allow"]).default("refuse"),
      baseline: z.string().optional(),
      statementTimeoutSeconds: z.number().min(0).max(86_400).default(300),
    }),
    /** SQL that runs on the copy before the candidate starts, so that it does no work that production has to do. */
    prepare: z.array(z.string().min(1)).default([]),
    /** Rows that the copy must hold after that, so that the trial is one with data like production's. @default not counted */
    minimumRows: z.int().min(1).optional(),
    redisUrl: z.string().optional(),
    redisCaFile: z.string().optional(),
    /** Redis database of the candidate, which is emptied before and after, 1 to 15. @default 15 */
    redisDatabase: z.int().min(1).max(15).default(15),
    journeys: z
      .strictObject({
        file: z.string().min(1),
        /** @default all */
        only: z.array(z.string()).default([]),
        variables: z.record(z.string(), z.string()).default({}),
        secrets: z.record(z.string(), z.string().min(1)).default({}),
        sinkUrl: z.url().optional(),
        suiteSeconds: z.number().min(1).max(3600).default(300),
      })
      .optional(),
    /** Each is asked as by the latency step, at the candidate instead of the address's own server. */
    targets: namedList(latencyTarget()).default([]),
    people: people().optional(),
    /** Takes the database away from the candidate for a moment. @default not done */
    outage: z
      .strictObject({
        /** Says `status` while the database is away, and 200 before and after. */
        healthPath: z.string().startsWith("/"),
        status: z.int().min(400).max(599).default(503),
        /** A request that needs the database, with a token of `people`: an error in JSON meanwhile, 2xx before and after. */
        requestPath: z.string().startsWith("/"),
        /** Time until the failure is told, and until all is well again, 1 to 300 s. @default 30 */
        withinSeconds: z.number().min(1).max(300).default(30),
      })
      .optional(),
    /** The candidate's log: what went well and what failed stands in it, and no secret. @default not looked at */
    log: z
      .strictObject({
        file: z.string().min(1),
        /** A line of what went well. @default "\\bINFO\\b" */
        normal: z.string().refine(isPattern, "must be a regular expression").default("\\bINFO\\b"),
        /** A line of a failure. @default "\\bERROR\\b" */
        failure: z.string().refine(isPattern, "must be a regular expression").default("\\bERROR\\b"),
        /** The log is filled to this size before the trial and has to be rotated in it. @default not tried */
        rotation: z
          .strictObject({
            maximumBytes: z.int().min(1).max(1_073_741_824),
            maximumFiles: z.int().min(1).max(10_000),
          })
          .optional(),
      })
      .optional(),
    /** Makes it run again when one changes, e.g. the digest of what is released. */
    triggers: z.array(z.string()).default([]),
  });
export type CandidateInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: ({ environment, secretVariables, databaseUrl, restoreUrl, encryptionKey, ...given }) => [
    ...secretVariables.flatMap((name) => environment[name] ?? []),
    ...[databaseUrl, restoreUrl, given.redisUrl ?? ""].flatMap((url) => [url, ...passwordsOf(url)]),
    ...Object.values(environment).flatMap(passwordsOf),
    ...Object.values(given.journeys?.secrets ?? {}),
    ...(given.people ? [given.people.secret] : []),
    ...(encryptionKey === undefined ? [] : [encryptionKey]),
  ],
  // It is the version's trial: once for what is released, not for every look.
  rerun: ({
    version,
    command,
    directory,
    journeys,
    targets,
    prepare,
    minimumRows,
    outage,
    log,
    triggers,
  }) => ({
    version,
    command,
    directory,
    journeys: journeys && { file: journeys.file, only: journeys.only },
    targets,
    prepare,
    minimumRows,
    outage,
    log,
    triggers,
  }),
  deadlineSeconds: 1_800,
  async plan({ version, journeys, targets = [], outage }) {
    const parts = [
      ...(journeys ? ["journeys"] : []),
      ...targets.map(({ name }) => `latency of ${name}`),
      ...(outage ? ["without its database for a moment"] : []),
    ];
    return [
      `${version ?? "the version"} on a copy restored from the backup: ${parts.join(", ") || "its start"}`,
    ];
  },
  run: async (given, context) => (await import("./candidate/run.ts")).runCandidate(given, context),
});

/**
 * Evidence: `restored`, `migrated`, `data` (where asked), `started`, the journeys' observations as of the smoke step, `latency-NAME-p95` and the like,
 * `outage-told`, `outage-answered`, `outage-survived`, `outage-recovered`, `log-normal`, `log-failure`, `log-secrets`,
 * `log-rotated`, `stopped`.
 */
export class Candidate extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("candidate", name, args, opts);
  }
}
