// Proves that the alarms are there as they were defined, that none is firing, and that a message of theirs reaches its
// receiver: each drilled alarm is set to ALARM, its notification found at the receiver, and its state restored. Where the
// stack has an agent: that something writes every metric that an alarm reads. Ends the muting of the deployment, since a
// muted alarm proves nothing. Says nothing about whether the limits are wise, nor whether a person reads the message.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const kebab = () => z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be kebab-case");

/** One alarm as it must be; the names are CloudWatch's. */
const alarm = () =>
  z
    .strictObject({
      /** Observation id is `alarm-<id>`, e.g. `queue-size`. */
      id: kebab(),
      alarmName: z.string().min(1),
      namespace: z.string().min(1),
      metricName: z.string().min(1),
      statistic: z.enum(["Average", "Maximum", "Minimum", "Sum", "SampleCount"]).optional(),
      extendedStatistic: z.string().optional(),
      unit: z.string().optional(),
      comparisonOperator: z.string().min(1),
      threshold: z.number(),
      periodSeconds: z.number().int().min(10),
      evaluationPeriods: z.number().int().min(1),
      datapointsToAlarm: z.number().int().min(1),
      treatMissingData: z.enum(["missing", "notBreaching", "breaching", "ignore"]).default("missing"),
      dimensions: z.record(z.string(), z.string()).default({}),
      /** Topics that are told of ALARM; none where a composite alarm tells. */
      alarmActions: z.array(z.string()),
      /** Topics that are told of OK. @default the same */
      okActions: z.array(z.string()).optional(),
      /** The composite alarm that tells of it when no deployment goes on. */
      message: z
        .strictObject({
          alarmName: z.string().min(1),
          alarmRule: z.string().min(1),
          alarmActions: z.array(z.string()).min(1),
        })
        .optional(),
    })
    .refine((a) => a.alarmActions.length > 0 || a.message !== undefined, {
      message: "must tell a topic, itself or by a composite alarm",
    })
    .refine((a) => (a.statistic === undefined) !== (a.extendedStatistic === undefined), {
      message: "must have exactly one of statistic and extendedStatistic",
    });

const inputs = () =>
  z
    .strictObject({
      alarms: z.array(alarm()).min(1),
      /** Ids of the alarms that are test-fired. @default none: people may be called */
      drill: z.array(kebab()).default([]),
      /**
       * Where the drilled alarms' messages arrive: `GET <url>/messages?contains=…` answers a JSON list.
       * Needed for a drill.
       */
      receiptUrl: z.url().optional(),
      /** Who gets the messages of which drilled alarms, so that channels are told apart. @default not told apart */
      receivers: z
        .array(
          z
            .strictObject({
              name: kebab(),
              mail: z.string().optional(),
              hook: z.string().optional(),
              contains: z.string().optional(),
              told: z.array(kebab()),
            })
            .refine(({ mail, hook }) => (mail === undefined) !== (hook === undefined), {
              message: "must have exactly one of mail and hook",
            }),
        )
        .default([]),
      /** Time until a message must have arrived, 1 to 900 s. @default 60 */
      deliverySeconds: z.number().min(1).max(900).default(60),
      /** Time until the metric of every alarm must have had a datapoint, 1 to 900 s. @default not looked at */
      datapointSeconds: z.number().min(1).max(900).optional(),
      /** The alarm that mutes others during a deployment, which is over now. @default nothing is muted */
      muting: z.strictObject({ namespace: z.string().min(1), alarmName: z.string().min(1) }).optional(),
    })
    .refine((given) => given.drill.length === 0 || given.receiptUrl !== undefined, {
      message: "needs receiptUrl: a drill without a look at the receiver proves no delivery",
      path: ["drill"],
    })
    .refine((given) => given.drill.every((id) => given.alarms.some((a) => a.id === id)), {
      message: "must name alarms of this step",
      path: ["drill"],
    });
export type AlarmsInputs = z.output<ReturnType<typeof inputs>>;
export type WantedAlarm = AlarmsInputs["alarms"][number];

export const step = defineStep({
  inputs,
  secrets: () => [],
  rerun: "always",
  deadlineSeconds: 1_200,
  async plan({ alarms = [], drill = [], datapointSeconds }) {
    const fired = drill.length === 0 ? "none is test-fired" : `test messages of ${drill.join(", ")}`;
    const written = datapointSeconds === undefined ? "" : ", their metrics written";
    return [`${alarms.length} alarms as defined${written} and none firing; ${fired}`];
  },
  run: async (given, context) => (await import("./alarms/run.ts")).runAlarms(given, context),
});

/**
 * Evidence: observations `alarm-<id>`, `none-firing`, where asked `datapoint-<id>` and `unmuted`, and for drilled alarms
 * `delivery-<id>`, `channel-<receiver>` and `restored`.
 */
export class AlarmProof extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("alarms", name, args, opts);
  }
}
