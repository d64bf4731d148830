// What CloudWatch answers to a question that goes further back than it knows the metric in that period.
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { afterEach, describe, expect, it, vi } from "vitest";
import { latestDatapoint } from "../../../checks/measures/cloudwatch.ts";

const HOUR = 3_600;

afterEach(() => vi.restoreAllMocks());

/** A metric that is written all the time, as CloudWatch keeps it: beyond three hours by whole minutes alone. */
function written(): void {
  vi.spyOn(CloudWatchClient.prototype, "send").mockImplementation(async (command: unknown) => {
    const { input } = command as { input: { StartTime: Date; Period: number } };
    const back = (Date.now() - input.StartTime.getTime()) / 1000;
    if (back > 3 * HOUR && input.Period % 60 !== 0) return { Datapoints: [] };
    const begins = Math.floor(Date.now() / 1000 / input.Period) * input.Period;
    return { Datapoints: [{ Timestamp: new Date(begins * 1000), Average: 2 }] };
  });
}

describe("the newest datapoint of a metric", () => {
  it.each([
    [10, 1],
    [10, 3.5],
    [30, 5],
    [30, 48],
    [60, 48],
  ])("with a period of %d s is found %d hours after the release, to a minute", async (periodSeconds, hours) => {
    written();
    const metric = {
      namespace: "w",
      metricName: "Workers",
      dimensions: {},
      statistic: "Average",
      periodSeconds,
    };
    const found = await latestDatapoint(metric, hours * HOUR, AbortSignal.timeout(5_000));
    expect(found?.value).toBe(2);
    expect(Date.now() - (found?.at.getTime() ?? 0)).toBeLessThan(61_000);
  });
});
