// Settings of the agent: where the values of metrics come from.
import { z } from "zod";
import { source } from "../../../agent/source.ts";
import { path, webAddress, whole } from "../kinds.ts";
import { ruleName } from "./alarms.ts";

/** A metric that no alarm reads. */
const measure = () =>
  z.strictObject({
    unit: z.enum(["Count", "Percent", "Milliseconds"]).default("Count").describe("what it is counted in"),
    source: source().describe("where it comes from"),
  });

/** `greenlight:agent` */
export const agent = () =>
  z
    .strictObject({
      intervalSeconds: whole(1, 300, "seconds")
        .default(60)
        .describe("time between two looks, not longer than the period of any alarm rule"),
      metricsUrls: z
        .array(webAddress())
        .default([])
        .describe("Prometheus endpoints of the application, as the agent reaches them")
        .meta({ example: ["http://127.0.0.1:3000/metrics"] }),
      sources: z
        .partialRecord(ruleName(), source())
        .default({})
        .describe(
          "where the metric of an alarm rule comes from; machine, database, Redis and backups go without",
        ),
      measures: z
        .record(z.string().regex(/^[A-Z][A-Za-z0-9]{0,63}$/), measure())
        .default({})
        .describe("metrics that dashboards show and no alarm reads"),
      log: z
        .strictObject({
          file: path().describe(
            "the application's log file, as the agent reaches it; rotation by renaming is followed",
          ),
          group: z
            .string()
            .regex(/^[A-Za-z0-9_-]+$/)
            .default("application")
            .describe("the log group of greenlight:logs that it is shipped to"),
          errorPattern: z
            .string()
            .min(1)
            .default("\\b(ERROR|FATAL)\\b")
            .describe("regular expression of an error line"),
        })
        .optional()
        .describe("ships the application's log to CloudWatch Logs"),
    })
    .describe(
      "The process beside the application that writes what alarms and dashboards read: `greenlight agent`.",
    )
    .meta({
      example: {
        metricsUrls: ["http://127.0.0.1:3000/metrics"],
        sources: {
          queueSize: { kind: "gauge", family: "queue_jobs", labels: { state: "waiting" } },
          responseTime: { kind: "durations", family: "http_request_duration_seconds" },
        },
        log: { file: "/var/log/orders/application.log" },
      },
    });
