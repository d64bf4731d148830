// Settings of the trial of a version before it is released.
import { z } from "zod";
import { isPattern } from "../../../checks/pattern.ts";
import { path, stepOptions, variableName, whole } from "../kinds.ts";

const pattern = () => z.string().refine(isPattern, { error: "a regular expression" });
const route = () => z.string().startsWith("/");

/** `greenlight:candidate` */
export const candidate = () =>
  z
    .strictObject({
      command: z
        .array(z.string().min(1))
        .min(1)
        .describe("runs the application in the foreground until SIGTERM: program and arguments, no shell"),
      directory: path().default(".").describe("where the command runs"),
      environment: z
        .record(variableName(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
        .default({})
        .describe(
          "stands above the application's variables; e.g. a log of its own, and receivers of mail that are nobody's",
        ),
      portVariable: variableName().default("PORT").describe("tells it the port of 127.0.0.1 to answer at"),
      versionRoute: route().default("/api/version").describe("answers JSON with the running version"),
      versionPath: z.string().startsWith("$").default("$.version").describe("JSON path of the version"),
      withinSeconds: whole(1, 600, "seconds").default(60).describe("time from its start until it answers"),
      prepare: z
        .array(z.string().min(1))
        .default([])
        .describe(
          "SQL on the copy before the start, so that it does none of the work that production has to do",
        )
        .meta({ example: ["delete from jobs where state <> 'done'"] }),
      minimumRows: whole(1, 1_000_000_000, "rows")
        .optional()
        .describe("rows that the copy must hold after that: a trial with data like production's"),
      redisDatabase: whole(1, 15, "database")
        .default(15)
        .describe("its database of Redis, emptied before and after"),
      journeys: z
        .array(z.string().min(1))
        .default([])
        .describe("names of the journeys of `greenlight:smoke` that are run on it"),
      variables: z
        .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
        .default({})
        .describe(
          "stand above the variables of `greenlight:smoke` in these journeys, e.g. an address of its own",
        ),
      latency: z.boolean().default(true).describe("also asks the targets of `greenlight:latency`"),
      outage: z
        .strictObject({
          healthPath: route().describe("tells that the database is away"),
          status: whole(400, 599, "status").default(503).describe("what it then answers"),
          requestPath: route().describe(
            "a request that needs the database, with a token of `greenlight:latency.people`: an error in JSON meanwhile",
          ),
          withinSeconds: whole(1, 300, "seconds")
            .default(30)
            .describe("time until it is told, and until all is well again"),
        })
        .optional()
        .describe("takes its database away for a moment"),
      log: z
        .strictObject({
          file: path().describe("the candidate's log, as `environment` sets it"),
          normal: pattern().default("\\bINFO\\b").describe("pattern of a line of what went well"),
          failure: pattern().default("\\bERROR\\b").describe("pattern of a line of a failure"),
          rotation: z
            .strictObject({
              maximumBytes: whole(1, 1_073_741_824, "bytes").describe("largest file"),
              maximumFiles: whole(1, 10_000, "files").describe("most older files that are kept"),
            })
            .optional()
            .describe("fills the log to this size before the trial, in which it has to be rotated"),
        })
        .optional()
        .describe("looks for what went well, for the failure that was made, and for secrets"),
      ...stepOptions,
    })
    .describe("The version's trial on a copy restored from the backup, before production is touched.")
    .meta({
      example: {
        command: ["node", "application/process.js"],
        environment: { LOG_FILE: "/var/log/orders/candidate.log" },
        outage: { healthPath: "/health", requestPath: "/api/orders" },
      },
    });
