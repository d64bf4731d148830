// Announces the deployment to the alarms, so that the noise that it makes wakes nobody: messages of muted severities wait.
// The alarms step takes the announcement back; a deployment that dies leaves one that runs out by itself.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    /** Where the sign is written. */
    namespace: z.string().min(1),
    /** The alarm that mutes others while it is in ALARM. */
    alarmName: z.string().min(1),
    /** Longest time, 1 to 120 minutes. @default 60 */
    minutes: z.number().int().min(1).max(120).default(60),
  });

export const step = defineStep({
  inputs,
  secrets: () => [],
  rerun: "always",
  deadlineSeconds: 60,
  async plan({ minutes = 60 }) {
    return [`messages of muted alarms wait until the deployment is over, at most ${minutes} minutes`];
  },
  async run({ minutes, ...muting }, { signal }) {
    const { CloudWatchClient } = await import("@aws-sdk/client-cloudwatch");
    const { mute } = await import("./alarms/muting.ts");
    const client = new CloudWatchClient({});
    try {
      return { observations: [await mute(client, muting, minutes, signal)], facts: { minutes } };
    } finally {
      client.destroy();
    }
  },
});

/** Evidence: observation `announced`. */
export class Mute extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("mute", name, args, opts);
  }
}
