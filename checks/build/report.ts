// The reports of an application's own tools: what each kind must say.
import { z } from "zod";

export const KINDS = [
  "typescript",
  "output",
  "eslint",
  "biome",
  "sarif",
  "junit",
  "coverage",
  "npm-audit",
  "exit",
] as const;

/** One report; its name is the observation. */
export const buildReport = () =>
  z
    .strictObject({
      name: z
        .string()
        .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
        .describe("name of the observation, e.g. `types`"),
      kind: z
        .enum(KINDS)
        .describe(
          "`typescript` (lines of tsc), `output` (no error or warning among the lines), `eslint`, `biome` and `sarif` (JSON), `junit` (XML), `coverage` (coverage-summary.json or lcov), `npm-audit` (JSON), `exit` (the command ends with 0)",
        ),
      command: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe(
          "program and arguments that make the report; without it the report comes from elsewhere, e.g. CI",
        ),
      file: z
        .string()
        .min(1)
        .optional()
        .describe("the report, from the step's folder; without it what the command printed"),
      maximumErrors: z.int().min(0).default(0).describe("errors that are accepted"),
      maximumWarnings: z.int().min(0).optional().describe("warnings that are accepted; without it any"),
      minimumTests: z.int().min(1).default(1).describe("tests that must have run"),
      totals: z
        .array(z.enum(["lines", "statements", "functions", "branches"]))
        .min(1)
        .optional()
        .describe("totals of a coverage that are judged; without it all that the report has"),
      minimumPercent: z.number().min(0).max(100).default(90).describe("coverage that each total must exceed"),
      failOn: z
        .enum(["low", "moderate", "high", "critical"])
        .default("high")
        .describe("smallest severity of a vulnerability that fails"),
      offline: z
        .enum(["inconclusive", "notApplicable"])
        .default("inconclusive")
        .describe("what an audit is whose registry could not be asked"),
    })
    .refine(({ command, file }) => command !== undefined || file !== undefined, {
      error: "needs a command or a file",
      path: ["file"],
    });
export type BuildReport = z.output<ReturnType<typeof buildReport>>;
