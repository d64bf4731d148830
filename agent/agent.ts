// The process beside the application that writes what alarms and dashboards read: application, machine, database and Redis
// figures to CloudWatch, log lines to CloudWatch Logs. It judges nothing, and it changes nothing that it looks at.
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { S3Client } from "@aws-sdk/client-s3";
import { LogShipping } from "./log-shipping.ts";
import { Looker } from "./look.ts";
import type { Plan } from "./plan.ts";
import { Readings } from "./put.ts";

/** For the log, for the look and for the metrics each: what does not answer must not stop the agent for good. */
const LIMIT_SECONDS = 30;

export interface AgentOptions {
  /** Ends the agent, also in the middle of a look. */
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
  const readings = new Readings(cloudwatch, plan);
  const looker = new Looker(plan, { s3, errorLines, cacheCaFile });
  let told = "";
  try {
    for (;;) {
      const started = performance.now();
      const faults = await lookOnce();
      if (signal.aborted) return;
      const text = faults.join("\n");
      if (text !== told)
        for (const fault of faults.length > 0 ? faults : ["all metrics are read again"]) log(fault);
      told = text;
      if (once) return;
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
    const shipped = await tried("log", signal, async (limit) => shipping?.ship(limit));
    const { taken, faults } = await looker.look(limited(signal));
    readings.add(taken, new Date());
    const put = await tried("metrics", signal, (limit) => readings.send(limit));
    return [...faults, ...shipped, ...put];
  }
}

function limited(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(LIMIT_SECONDS * 1000)]);
}

async function tried(
  what: string,
  signal: AbortSignal,
  act: (limit: AbortSignal) => Promise<unknown>,
): Promise<string[]> {
  const limit = limited(signal);
  try {
    await act(limit);
    return [];
  } catch (error) {
    if (limit.aborted) return [`${what}: not sent within ${LIMIT_SECONDS} s; does AWS answer this machine?`];
    return [`${what}: ${error instanceof Error ? error.message : error}`];
  }
}
