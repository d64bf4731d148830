// The process beside the application that writes what alarms and dashboards read: application, machine, database and Redis
// figures to CloudWatch, log lines to CloudWatch Logs. It judges nothing, and it changes nothing that it looks at.
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { S3Client } from "@aws-sdk/client-s3";
import { LogShipping } from "./log-shipping.ts";
import { Looker } from "./look.ts";
import type { Plan } from "./plan.ts";
import { putReadings } from "./put.ts";

export interface AgentOptions {
  /** Ends the agent after its current look. */
  signal: AbortSignal;
  /** A single look, for a machine that is asked from outside, e.g. by cron. @default false */
  once?: boolean;
  /** The CA of Redis, a file. */
  cacheCaFile?: string;
  /** Told of every fault, once until it changes. */
  log(line: string): void;
}

/** Looks and writes at the plan's interval until it is told to stop. A failed write is told and tried at the next look. */
export async function runAgent(plan: Plan, { signal, once, cacheCaFile, log }: AgentOptions): Promise<void> {
  const cloudwatch = new CloudWatchClient({});
  const s3 = new S3Client({});
  const shipping = plan.log && new LogShipping(plan.log, hostname());
  const errorLines = shipping && (() => shipping.takeErrors());
  const looker = new Looker(plan, { s3, errorLines, cacheCaFile });
  let told = "";
  try {
    for (;;) {
      const started = performance.now();
      const faults = await lookOnce();
      const text = faults.join("\n");
      if (text !== told)
        for (const fault of faults.length > 0 ? faults : ["all metrics are read again"]) log(fault);
      told = text;
      if (once || signal.aborted) return;
      const left = plan.intervalSeconds * 1000 - (performance.now() - started);
      await pause(Math.max(left, 0), undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await shipping?.close();
    cloudwatch.destroy();
    s3.destroy();
  }

  async function lookOnce(): Promise<string[]> {
    const shipped = await tried("log", async () => shipping?.ship());
    const { taken, faults } = await looker.look(signal);
    const put = await tried("metrics", () => putReadings(cloudwatch, plan.namespace, taken, new Date()));
    return [...faults, ...shipped, ...put];
  }
}

async function tried(what: string, act: () => Promise<unknown>): Promise<string[]> {
  try {
    await act();
    return [];
  } catch (error) {
    return [`${what}: ${error instanceof Error ? error.message : error}`];
  }
}
