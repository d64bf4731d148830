// Readings into CloudWatch: one PutMetricData for all metrics of a look, without dimensions, since an alarm reads exactly
// one series. What could not be sent waits with its own time: counts of a look are in no other one.
import type { CloudWatchClient, MetricDatum } from "@aws-sdk/client-cloudwatch";
import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { Taken } from "./look.ts";
import { HEARTBEAT, type Plan } from "./plan.ts";

/** CloudWatch takes at most 1000 metrics at once. */
const AT_ONCE = 1000;
/** Looks that wait; of more the oldest are given up. */
const MOST_WAITING = 120;
/** What CloudWatch finds wrong so often is given up: it would be refused for ever. */
const MOST_REFUSALS = 3;
const WRONG =
  /^(Invalid(Parameter|Format)|Missing(Required|Parameter)|Malformed|Serialization|Validation|RequestEntityTooLarge)/;

interface Waiting {
  data: MetricDatum[];
  refusals: number;
}

export class Readings {
  readonly #client: CloudWatchClient;
  readonly #namespace: string;
  readonly #StorageResolution: number | undefined;
  #waiting: Waiting[] = [];

  constructor(
    client: CloudWatchClient,
    { namespace, highResolution }: Pick<Plan, "namespace" | "highResolution">,
  ) {
    this.#client = client;
    this.#namespace = namespace;
    this.#StorageResolution = highResolution ? 1 : undefined;
  }

  add(taken: Taken[], at: Date): void {
    const heartbeat: MetricDatum = { MetricName: HEARTBEAT, Timestamp: at, Unit: "Count", Value: 1 };
    const data = [heartbeat, ...taken.map((one) => datumOf(one, at))].map((datum) => ({
      ...datum,
      StorageResolution: this.#StorageResolution,
    }));
    for (let from = 0; from < data.length; from += AT_ONCE)
      this.#waiting.push({ data: data.slice(from, from + AT_ONCE), refusals: 0 });
    this.#waiting = this.#waiting.slice(-MOST_WAITING);
  }

  /** Sends what waits, the oldest first. @throws when something could not be sent; it is tried again with the next call */
  async send(signal: AbortSignal): Promise<void> {
    const refused: unknown[] = [];
    for (const waiting of [...this.#waiting]) {
      const command = new PutMetricDataCommand({ Namespace: this.#namespace, MetricData: waiting.data });
      try {
        await this.#client.send(command, { abortSignal: signal });
      } catch (error) {
        // Only what is wrong in itself lets the others pass; CloudWatch is away for all of them.
        if (!(error instanceof Error && WRONG.test(error.name))) throw error;
        refused.push(error);
        waiting.refusals += 1;
        if (waiting.refusals < MOST_REFUSALS) continue;
      }
      this.#waiting = this.#waiting.filter((one) => one !== waiting);
    }
    if (refused.length > 0) throw refused[0];
  }
}

function datumOf({ metric, reading }: Taken, Timestamp: Date): MetricDatum {
  return {
    MetricName: metric.name,
    Unit: metric.unit,
    Timestamp,
    Values: reading.values,
    Counts: reading.counts,
  };
}
