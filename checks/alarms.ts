// Proves that the alarms are there as they were defined, that none is firing, and that a message of theirs reaches its
// receiver: each drilled alarm is set to ALARM, its notification found at the receiver, and its state restored. Says nothing
// about whether the limits are wise, nor whether a person reads the message.
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
      /** Topics that are told of ALARM. */
      alarmActions: z.array(z.string()).min(1),
      /** Topics that are told of OK. @default the same */
      okActions: z.array(z.string()).optional(),
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
       * Where the drilled alarms' messages arrive: `GET <url>/messages?kind=webhook&contains=…` answers a JSON list.
       * Needed for a drill.
       */
      receiptUrl: z.url().optional(),
      /** Time until a message must have arrived, 1 to 900 s. @default 60 */
      deliverySeconds: z.number().min(1).max(900).default(60),
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
  async plan({ alarms = [], drill = [] }) {
    const fired = drill.length === 0 ? "none is test-fired" : `test messages of ${drill.join(", ")}`;
    return [`${alarms.length} alarms as defined and none firing; ${fired}`];
  },
  run: async (given, context) => (await import("./alarms/run.ts")).runAlarms(given, context),
});

/** Evidence: observations `alarm-<id>`, `none-firing`, and for drilled alarms `delivery-<id>` and `restored`. */
export class AlarmProof extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("alarms", name, args, opts);
  }
}
