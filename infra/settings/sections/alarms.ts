// Settings of alarms: who is told, and the limit of each rule. Units are part of the names.
import { z } from "zod";
import { secretWebAddress, stepOptions, webAddress, whole } from "../kinds.ts";

/** Where the alarms of one severity go. */
const channel = () =>
  z.strictObject({
    emails: z.array(z.email()).default([]).describe("each address confirms its subscription once"),
    webhooks: z
      .array(secretWebAddress())
      .default([])
      .describe("http or https addresses, e.g. PagerDuty's integration URL; secret, as they open a channel"),
    slack: z
      .strictObject({
        workspaceId: z
          .string()
          .regex(/^T[A-Z0-9]{8,}$/)
          .describe("the workspace, let into the account once"),
        channelId: z
          .string()
          .regex(/^[CG][A-Z0-9]{8,}$/)
          .describe("the channel"),
      })
      .optional()
      .describe("a Slack channel, through Amazon Q Developer in chat applications (AWS Chatbot)")
      .meta({ example: { workspaceId: "T07EA123LEP", channelId: "C07EZ1ABC23" } }),
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

const timed = z.object({ periodSeconds: timing.periodSeconds, datapoints: timing.datapoints });

const percent = (words: string) => z.number().min(0).max(100).describe(words).meta({ unit: "percent" });
const percentile = z.number().min(50).max(99.9).default(95).describe("which of the measured times is judged");
const count = (maximum: number, unit: string, words: string) => whole(0, maximum, unit).describe(words);

const rule = <Limit extends z.ZodRawShape>(words: string, limit: Limit) =>
  z
    .strictObject({ ...limit, ...timing })
    .refine(withinCloudWatch, {
      error:
        "together with `periodSeconds` at most a day, or from periods of an hour on 7 days: CloudWatch looks no further back",
      path: ["datapoints"],
    })
    .optional()
    .describe(words);

/** What one alarm may look back on. */
function withinCloudWatch(given: { [setting: string]: unknown }): boolean {
  const { data } = timed.safeParse(given);
  if (data === undefined) return true; // told already
  const { periodSeconds, datapoints } = data;
  return periodSeconds * datapoints <= (periodSeconds < 3600 ? 86_400 : 604_800);
}

/** The rules by name; a rule that is not named makes no alarm. */
export const alarmRules = () =>
  z.strictObject({
    queueSize: rule("too many jobs wait", { aboveJobs: count(10_000_000, "jobs", "jobs waiting") }),
    processingDrop: rule("jobs are finished more slowly than before", {
      abovePercent: percent("fall of the rate at which jobs are finished, beside the last hour's"),
    }),
    jobFailures: rule("jobs fail", { abovePercent: percent("failed jobs of those finished") }),
    workerDown: rule("a worker does not answer", {
      belowWorkers: whole(1, 1000, "workers").describe("workers that must answer"),
    }),
    errorRate: rule("requests end in server errors", {
      abovePercent: percent("answers with a status of 500 and above"),
    }),
    responseTime: rule("the API answers slowly", {
      aboveMilliseconds: whole(1, 600_000, "milliseconds").describe("time of the given percentile"),
      percentile,
    }),
    syncLatency: rule("synchronisation is slow", {
      aboveMilliseconds: whole(1, 86_400_000, "milliseconds").describe("time of the given percentile"),
      percentile,
    }),
    emailFailures: rule("mails are not delivered", {
      abovePercent: percent("mails not accepted for delivery"),
    }),
    databaseErrors: rule("the database cannot be reached", {
      aboveErrors: count(1_000_000, "errors", "failed connections"),
    }),
    databaseConnections: rule("too many connections to the database are open", {
      aboveConnections: count(100_000, "connections", "connections of all roles"),
    }),
    cacheErrors: rule("Redis cannot be reached", { aboveErrors: count(1_000_000, "errors", "failed looks") }),
    cacheMemory: rule("the memory of Redis runs out", { abovePercent: percent("used of its maximum") }),
    memory: rule("memory runs out", { abovePercent: percent("memory in use") }),
    cpu: rule("the processors are busy", { abovePercent: percent("processor time in use") }),
    diskFree: rule("the disk fills up", { belowPercent: percent("disk space left") }),
    backupAge: rule("no new backup is made", {
      aboveHours: count(87_600, "hours", "age of the newest backup"),
    }),
    certificateExpiry: rule("a certificate expires", { belowDays: count(825, "days", "days left") }),
    endpoint: rule("a public endpoint does not answer", {
      belowPercent: percent("probes that must be answered"),
    }),
    logErrors: rule("the application logs errors", { aboveLines: count(10_000_000, "lines", "error lines") }),
    agent: rule("nothing writes metrics; there by itself where the stack has an agent", {
      belowBeats: whole(1, 100_000, "looks").describe("looks that the agent must have had"),
    }),
  });

/** The name of a rule. */
export const ruleName = () => alarmRules().keyof();

/** `greenlight:alarms` */
export const alarms = () =>
  z
    .strictObject({
      namespace: z
        .string()
        .regex(/^(?!AWS\/)[A-Za-z0-9._/#-]{1,200}$/)
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
      muted: z
        .array(z.enum(["P1", "P2", "P3"]))
        .default(["P2", "P3"])
        .describe(
          "severities whose messages wait until a deployment is over; an alarm that still stands then is told then",
        ),
      mutedMinutes: whole(1, 120, "minutes")
        .default(60)
        .describe("longest time for which one deployment mutes, also when it dies on the way"),
      datapointSeconds: whole(0, 900, "seconds")
        .default(180)
        .describe("time until every metric that the stack's agent writes must have had a datapoint"),
      drill: z
        .array(ruleName())
        .default([])
        .describe("rules whose alarm is set off to see its message arrive; people may be called"),
      receiptUrl: webAddress()
        .optional()
        .describe("where the messages of a drill arrive: answers a list at /messages"),
      receivers: z
        .record(
          z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
          z
            .strictObject({
              mail: z.email().optional().describe("an address that gets them"),
              hook: z
                .string()
                .regex(/^[\w.-]+$/)
                .optional()
                .describe("the NAME of `/hooks/NAME` where calls arrive"),
              contains: z
                .string()
                .min(1)
                .optional()
                .describe("a word that each message has, e.g. a channel's name"),
              severities: z
                .array(z.enum(["P1", "P2", "P3"]))
                .min(1)
                .default(["P1", "P2", "P3"])
                .describe("severities that this receiver is told of; it must get no others"),
            })
            .refine(({ mail, hook }) => (mail === undefined) !== (hook === undefined), {
              error: "exactly one of mail and hook",
            }),
        )
        .default({})
        .describe("who has to get the messages of a drill at `receiptUrl`, by channel")
        .meta({ example: { pager: { hook: "pagerduty", severities: ["P1"] } } }),
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
