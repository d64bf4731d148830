// Settings of the step that reads what the application's own tools say of the release.
import { z } from "zod";
// The format of reports belongs to the check.
import { buildReport } from "../../../checks/build/report.ts";
import { namedList } from "../../../checks/step/named-list.ts";
import { path, stepOptions, whole } from "../kinds.ts";

/** `greenlight:build` */
export const build = () =>
  z
    .strictObject({
      contents: z
        .array(path())
        .min(1)
        .optional()
        .describe("files and folders that the reports are of; without it those of greenlight:release"),
      directory: path().default(".").describe("where the tools run and the reports' paths start"),
      reportsDirectory: path()
        .default(".greenlight/build")
        .describe("where the tools' output is kept, with `build.json`, which says of what it is"),
      maximumAgeHours: whole(1, 8760, "hours").default(168).describe("age up to which reports count"),
      reports: namedList(buildReport())
        .default([])
        .describe("the tools' reports; a command runs only where its report is of other contents")
        .meta({ example: [{ name: "types", kind: "typescript", command: ["npm", "run", "typecheck"] }] }),
      scan: z
        .strictObject({
          paths: z
            .array(path())
            .min(1)
            .optional()
            .describe("what is looked through; without it the contents"),
          accepted: z
            .array(
              z.strictObject({
                file: z.string().min(1).describe("last names of the file's path, e.g. `tests/keys.ts`"),
                rule: z.string().min(1).describe("the rule, as the finding names it"),
                reason: z.string().min(1).describe("why it is no secret"),
              }),
            )
            .default([])
            .describe("findings that are no secrets"),
          vault: z
            .boolean()
            .default(true)
            .describe("also looks for the application's own secrets, as they are in the vault"),
          absent: z
            .array(z.string().min(1))
            .default([".env", ".env.production", "*.pem"])
            .describe("names of files that may not be there; `*` stands for any part of a name"),
        })
        .optional()
        .describe("looks for secrets in the release's files"),
      git: z
        .strictObject({
          clean: z.boolean().default(true).describe("no change in the contents that is not committed"),
          branch: z.string().min(1).optional().describe("the branch that the commit must be on"),
          tag: z.string().min(1).optional().describe("the tag that the commit must have"),
          annotated: z
            .boolean()
            .default(false)
            .describe("whether that tag must be an annotated one, which `origin` has, too"),
          previousTag: z
            .string()
            .min(1)
            .optional()
            .describe(
              "the tag of the version before, which the commit must come after and `tag` must not be below",
            ),
          pushed: z
            .boolean()
            .default(false)
            .describe("whether `origin` must have the commit as the newest of the branch"),
          history: z
            .boolean()
            .default(false)
            .describe("looks for secrets in every version of every file, with the words of `scan`"),
          withoutGit: z
            .enum(["inconclusive", "notApplicable"])
            .default("inconclusive")
            .describe("what is said where no git is installed"),
          repository: path()
            .optional()
            .describe("the repository's own folder, where it is not beside the files"),
        })
        .optional()
        .describe("where the release comes from"),
      ...stepOptions,
    })
    .describe("What is released, as its own tools judge it: types, lint, tests, audit, secrets, commit.")
    .meta({
      example: {
        reports: [{ name: "tests", kind: "junit", command: ["npm", "test"], file: "reports/junit.xml" }],
        scan: {},
        git: { branch: "main" },
      },
    });
