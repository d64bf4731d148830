// The words of a log check: where lines are, what a line looks like, and what may not stand in one.
import { z } from "zod";
import { isPattern } from "../pattern.ts";

const kebab = () => z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be kebab-case, e.g. application");
const pattern = () => z.string().min(1).refine(isPattern, { error: "a regular expression" });

/** One log; exactly one place and one format. */
export const logSource = () =>
  z
    .strictObject({
      name: kebab().describe("the observations are called NAME-format and so on"),
      file: z
        .string()
        .min(1)
        .optional()
        .describe(
          "the file that is written now; what it was rotated into stands beside it, also compressed with gzip, and counts as far as it was written to since the release; `*` stands for any part of its name, and of those files the newest is the one that is written",
        )
        .meta({ unit: "path" }),
      group: z.string().min(1).optional().describe("a log group of CloudWatch Logs"),
      pattern: pattern()
        .optional()
        .describe(
          "what a line looks like, with named groups: `time` and `level`, and what `correlation` names",
        ),
      json: z
        .strictObject({
          time: z
            .string()
            .startsWith("$")
            .default("$.time")
            .describe("where a line holds its time, as JSON path"),
          level: z.string().startsWith("$").default("$.level").describe("where it holds its level"),
        })
        .optional()
        .describe("lines are JSON objects"),
      lines: z
        .int()
        .min(1)
        .max(100_000)
        .default(1000)
        .describe("how many of the newest lines are looked at; errors count in all lines since the release")
        .meta({ unit: "lines" }),
      levels: z
        .array(z.string().min(1))
        .min(1)
        .default(["INFO", "WARN", "ERROR"])
        .describe("levels that may occur, in any case; another one, such as DEBUG, fails"),
      errorLevels: z
        .array(z.string().min(1))
        .min(1)
        .default(["ERROR", "FATAL", "CRITICAL"])
        .describe("levels that count as errors"),
      maximumErrors: z
        .int()
        .min(0)
        .max(1_000_000)
        .default(0)
        .describe("lines with such a level since the release")
        .meta({ unit: "lines" }),
      minimumErrors: z
        .int()
        .min(0)
        .max(1_000_000)
        .default(0)
        .describe("lines with such a level since the release that must be there: errors really arrive")
        .meta({ unit: "lines" }),
      askedErrors: pattern()
        .optional()
        .describe(
          "part of the lines of errors that a check asks for; they count for minimumErrors and not for maximumErrors",
        ),
      freshSeconds: z
        .int()
        .min(1)
        .max(86_400)
        .optional()
        .describe("age that the newest line may have: something is written at all")
        .meta({ unit: "seconds" }),
      correlation: z
        .strictObject({
          field: z.string().min(1).describe("name of the group, or JSON path, that holds the id"),
          minimumPercent: z
            .number()
            .min(0)
            .max(100)
            .default(100)
            .describe("lines that must have one")
            .meta({ unit: "percent" }),
        })
        .optional()
        .describe("ids that tie the lines of one request or job together"),
      marker: z
        .strictObject({
          url: z
            .url({ protocol: /^https?$/ })
            .describe("asked once; `${marker}` stands for a text that occurs nowhere else"),
          method: z.enum(["GET", "POST", "PUT"]).default("GET").describe("how"),
          headers: z
            .record(z.string(), z.string())
            .default({})
            .describe("sent with it, also with `${marker}`"),
          body: z.string().optional().describe("sent with it, also with `${marker}`"),
          withinSeconds: z
            .int()
            .min(1)
            .max(3600)
            .default(30)
            .describe("time until a line with the marker is there")
            .meta({ unit: "seconds" }),
        })
        .optional()
        .describe("a request that leaves a line"),
      rotation: z
        .strictObject({
          maximumBytes: z.int().min(1).describe("size of one file").meta({ unit: "bytes" }),
          maximumFiles: z
            .int()
            .min(1)
            .max(10_000)
            .describe("files that are kept beside the one that is written")
            .meta({ unit: "files" }),
        })
        .optional()
        .describe("of files"),
      minimumRetentionDays: z
        .int()
        .min(1)
        .max(3650)
        .optional()
        .describe("of a log group")
        .meta({ unit: "days" }),
    })
    .refine((s) => (s.file === undefined) !== (s.group === undefined), {
      error: "exactly one of file, group",
    })
    .refine((s) => (s.pattern === undefined) !== (s.json === undefined), {
      error: "exactly one of pattern, json",
    })
    .refine((s) => s.rotation === undefined || s.file !== undefined, {
      error: "only with file",
      path: ["rotation"],
    })
    .refine((s) => s.minimumRetentionDays === undefined || s.group !== undefined, {
      error: "nothing, since only a log group has a retention",
      path: ["minimumRetentionDays"],
    });
export type LogSource = z.output<ReturnType<typeof logSource>>;

/** Texts that may stand in no line, by a name that may be shown. */
export const forbidden = () =>
  z
    .record(kebab(), pattern())
    .describe("patterns that no line may contain, by name, e.g. of mail addresses or card numbers");
