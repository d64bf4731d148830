// What the agent is told to do: the stack writes it as a secret, since it holds addresses with passwords.
import { z } from "zod";
import { source } from "./source.ts";

export const plan = () =>
  z.strictObject({
    /** CloudWatch namespace. */
    namespace: z.string().min(1),
    intervalSeconds: z.number().min(0.5).max(3600),
    /** Whether CloudWatch keeps seconds, for alarms whose periods are shorter than its usual minute. */
    highResolution: z.boolean().default(false),
    metrics: z.array(
      z.strictObject({
        name: z.string().min(1),
        unit: z.enum(["Count", "Percent", "Milliseconds"]),
        source: source(),
      }),
    ),
    /** Prometheus endpoints of the application; series of several are one set. */
    metricsUrls: z.array(z.url()),
    databaseUrl: z.string().optional(),
    cacheUrl: z.string().optional(),
    backupBucket: z.string().optional(),
    log: z
      .strictObject({
        file: z.string().min(1),
        group: z.string().min(1),
        /** A line that matches is an error. */
        errorPattern: z.string().min(1),
      })
      .optional(),
  });
export type Plan = z.output<ReturnType<typeof plan>>;
/** As it stands in the secret: what is not said there is as usual. */
export type WrittenPlan = z.input<ReturnType<typeof plan>>;
export type Metric = Plan["metrics"][number];

/** Written at each look as 1: its absence says that the agent is gone. */
export const HEARTBEAT = "AgentHeartbeat";
