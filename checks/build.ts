// Proves, before anything is changed, that what is to be released was built, typed, linted, tested and audited as it is now, that
// no secret stands in it, and that it comes from where releases come from. What is read are the tools' own reports, which the
// step makes by running the tools where they are of other contents. Says nothing about how good the tests are.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { buildReport } from "./build/report.ts";
import { digestOfContents } from "./release/contents.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { namedList } from "./step/named-list.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    /** What is released: files and folders. The reports must be of exactly these. */
    contents: z.array(z.string().min(1)).min(1),
    /** Folder in which the tools run and from which the reports' paths start. */
    directory: z.string().min(1),
    /** Folder for the tools' output and `build.json`, which says of which contents the reports are. @default ".greenlight/build" */
    reportsDirectory: z.string().min(1).default(".greenlight/build"),
    /** Oldest reports that count, 1 to 8760 h. @default 168 */
    maximumAgeHours: z.number().int().min(1).max(8760).default(168),
    reports: namedList(buildReport()).default([]),
    scan: z
      .strictObject({
        /** Files and folders that are looked through. @default contents */
        paths: z.array(z.string().min(1)).optional(),
        /** Findings that are no secrets, e.g. examples in a test. */
        accepted: z
          .array(
            z.strictObject({ file: z.string().min(1), rule: z.string().min(1), reason: z.string().min(1) }),
          )
          .default([]),
        /** The application's secrets by name, none of which may stand in any file; secret. */
        values: z.record(z.string(), z.string()).default({}),
        /** Names of files that may not be there, e.g. `.env.production`; `*` stands for any part of a name. */
        absent: z.array(z.string().min(1)).default([]),
      })
      .optional(),
    git: z
      .strictObject({
        /** No change in the contents that is not committed. @default true */
        clean: z.boolean().default(true),
        /** The branch that the commit must be on. @default any */
        branch: z.string().min(1).optional(),
        /** The tag that the commit must have. @default none */
        tag: z.string().min(1).optional(),
        /** Whether that tag must be an annotated one that `origin` has, too. @default false */
        annotated: z.boolean().default(false),
        /** The tag of the version before, which the commit must come after. @default none */
        previousTag: z.string().min(1).optional(),
        /** Whether `origin` must have the commit as the newest of `branch`. @default false */
        pushed: z.boolean().default(false),
        /** Whether every version of every file is looked through for secrets, with the words of `scan`. @default false */
        history: z.boolean().default(false),
        /** What is said where there is no git at all. @default "inconclusive" */
        withoutGit: z.enum(["inconclusive", "notApplicable"]).default("inconclusive"),
        /** The repository's own folder, where it is not beside the files. @default the one that git finds */
        repository: z.string().min(1).optional(),
      })
      .optional(),
  });
export type BuildInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: ({ scan }) => Object.values(scan?.values ?? {}).filter((value) => value.length >= 8),
  rerun: ({ contents, scan, ...given }) => ({
    ...given,
    // The values change with every rotation, which changes no file.
    scan: scan && { accepted: scan.accepted, absent: scan.absent, names: Object.keys(scan.values).sort() },
    contents: digestOfContents([...contents, ...(scan?.paths ?? [])]),
  }),
  deadlineSeconds: 1800,
  plan: async (given) => (await import("./build/plan.ts")).planBuild(given),
  run: async (given, context) => (await import("./build/run.ts")).runBuild(given, context),
});

/**
 * Evidence: observations `reports-current`, one a report by its name, `secret-scan`, `secret-values`, `absent-files`,
 * `git-clean`, `git-branch`, `git-tag`, `git-annotated-tag`, `git-previous-tag`, `git-pushed`, `git-history`; facts `contents` (digest), `commit`, figures of each report.
 */
export class Build extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("build", name, args, opts);
  }
}
