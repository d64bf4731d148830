// Settings of alarms: who is told, and the limit of each rule. Units are part of the names.
import { z } from "zod";
import { secret, stepOptions, webAddress, whole } from "../kinds.ts";

/** Where the alarms of one severity go. */
const channel = () =>
  z.strictObject({
    emails: z.array(z.email()).default([]).describe("each address confirms its subscription once"),
    webhooks: z
      .array(secret())
      .default([])
      .describe("http or https addresses, e.g. PagerDuty's integration URL; secret, as they open a channel"),
  });

/** What every rule understands beside its limit. */
const timing = {
  periodSeconds: z
    .union([z.literal([10, 30]), z.int().min(60).max(86_400).multipleOf(60)])
    .default(60)
    .describe("how long one datapoint covers: 10, 30 or a multiple of 60")
    .meta({ unit: "seconds" }),
  datapoints: whole(1, 100, "datapoints")
    .default(3)
    .describe("datapoints in a row over the limit that raise the alarm"),
  severity: z.enum(["P1", "P2", "P3"]).default("P2").describe("P1 wakes somebody up"),
  runbook: z.url().optional().describe("what to do; part of the alarm's description"),
};

const percent = () => z.number().min(0).max(100).meta({ unit: "percent" });

/** The rules by name; a rule that is not named makes no alarm. */
export const alarmRules = () =>
  z.strictObject({
    queueSize: z
      .strictObject({ aboveJobs: whole(0, 10_000_000, "jobs").describe("jobs waiting"), ...timing })
      .optional()
      .describe("too many jobs wait"),
    jobFailures: z
      .strictObject({ abovePercent: percent().describe("failed jobs of those finished"), ...timing })
      .optional()
      .describe("jobs fail"),
    responseTime: z
      .strictObject({
        aboveMilliseconds: whole(1, 600_000, "milliseconds").describe("time of the given percentile"),
        percentile: z.number().min(50).max(99.9).default(95).describe("which of the answers is measured"),
        ...timing,
      })
      .optional()
      .describe("the API answers slowly"),
    emailFailures: z
      .strictObject({ abovePercent: percent().describe("mails not accepted for delivery"), ...timing })
      .optional()
      .describe("mails are not delivered"),
    databaseErrors: z
      .strictObject({ aboveErrors: whole(0, 1_000_000, "errors").describe("failed connections"), ...timing })
      .optional()
      .describe("the database cannot be reached"),
    memory: z
      .strictObject({ abovePercent: percent().describe("memory in use"), ...timing })
      .optional()
      .describe("memory runs out"),
    diskFree: z
      .strictObject({ belowPercent: percent().describe("disk space left"), ...timing })
      .optional()
      .describe("the disk fills up"),
  });

/** `greenlight:alarms` */
export const alarms = () =>
  z
    .strictObject({
      namespace: z
        .string()
        .regex(/^[A-Za-z0-9._/#-]{1,200}$/)
        .optional()
        .describe(
          "CloudWatch namespace that the application's metrics are written to; by default the system's name",
        ),
      channels: z
        .strictObject({
          P1: channel().prefault({}).describe("critical: wakes somebody up"),
          P2: channel().prefault({}).describe("needs a person today"),
          P3: channel().prefault({}).describe("worth knowing"),
        })
        .prefault({})
        .describe("who is told, by severity"),
      rules: alarmRules().describe("the limits"),
      drill: z
        .array(
          z.enum([
            "queueSize",
            "jobFailures",
            "responseTime",
            "emailFailures",
            "databaseErrors",
            "memory",
            "diskFree",
          ]),
        )
        .default([])
        .describe("rules whose alarm is set off to see its message arrive; people may be called"),
      receiptUrl: webAddress()
        .optional()
        .describe("where the messages of a drill arrive: answers a list at /messages"),
      deliverySeconds: whole(1, 900, "seconds")
        .default(60)
        .describe("time until a message must have arrived"),
      ...stepOptions,
    })
    .refine((given) => given.drill.every((rule) => given.rules[rule] !== undefined), {
      error: "names of rules that are given",
      path: ["drill"],
    })
    .refine((given) => given.drill.length === 0 || given.receiptUrl !== undefined, {
      error: "an address, since a drill without a look at the receiver proves no delivery",
      path: ["receiptUrl"],
    })
    .describe("Alarms, and the proof that they reach somebody.")
    .meta({
      example: {
        channels: { P1: { emails: ["ops@example.com"] } },
        rules: {
          queueSize: { aboveJobs: 1000, periodSeconds: 60, datapoints: 3 },
          responseTime: { aboveMilliseconds: 1000, percentile: 95, severity: "P1" },
          diskFree: { belowPercent: 10 },
        },
      },
    });
