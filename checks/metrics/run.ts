// One look at the endpoint, then uses of the application that its counters must show.
import { exchange } from "../http/request.ts";
import { type Family, matching, type Sample } from "../measures/prometheus.ts";
import { scrapeMetrics } from "../measures/reader.ts";
import type { MetricsInputs } from "../metrics.ts";
import { type Facts, type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";
import { waitUntil } from "../wait.ts";
import type { Counted, WantedFamily } from "./definition.ts";

export async function runMetrics(given: MetricsInputs, { signal }: StepContext): Promise<Finding> {
  const expected = "200 with metrics in Prometheus' text format";
  let families: Map<string, Family>;
  try {
    families = await scrapeMetrics(given.url, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return { observations: [observe("endpoint", false, expected, messageOf(error))], facts: {} };
  }
  const series = [...families.values()].reduce((sum, { samples }) => sum + samples.length, 0);
  const observations = [
    observe("endpoint", series > 0, expected, `${families.size} families, ${series} series`),
    ...given.families.map((wanted) => judgeFamily(wanted, families.get(wanted.metric))),
  ];
  for (const wanted of given.counts) observations.push(await judgeCount(wanted, given.url, signal));
  const facts: Facts = { families: families.size, series };
  return { observations, facts };
}

export function judgeFamily(wanted: WantedFamily, family: Family | undefined): Observation {
  const id = `family-${wanted.name}`;
  const bounds = [
    ...(wanted.minimum === undefined ? [] : [`at least ${wanted.minimum}`]),
    ...(wanted.maximum === undefined ? [] : [`at most ${wanted.maximum}`]),
  ];
  const named = Object.entries(wanted.labels).map(([label, values]) => `${label} ${values.join(", ")}`);
  const expected = [`${wanted.type} ${wanted.metric}`, ...named, ...bounds].join("; ");
  if (family === undefined) return observe(id, false, expected, "no such family");
  if (family.type !== wanted.type) return observe(id, false, expected, `a ${family.type}`);
  const samples = family.samples.filter(
    ({ name }) => name === wanted.metric || name === `${wanted.metric}_count`,
  );
  const missing = Object.entries(wanted.labels).flatMap(([label, values]) =>
    values
      .filter((value) => !samples.some(({ labels }) => labels[label] === value))
      .map((value) => `${label} ${value}`),
  );
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = wanted;
  // The quantiles of a summary that has observed nothing yet are no numbers, which is as it should be; its count is one.
  const idle = ({ labels, value }: Sample) =>
    family.type === "summary" && "quantile" in labels && Number.isNaN(value);
  const judged = samples.filter((sample) => !idle(sample));
  const out = judged.filter(({ value }) => Number.isNaN(value) || value < minimum || value > maximum);
  const seen = [
    `${samples.length} series`,
    ...(missing.length > 0 ? [`none with ${missing.join(", ")}`] : []),
    ...out.slice(0, 3).map(({ name, value }) => `${name} is ${value}`),
  ].join("; ");
  return observe(id, judged.length > 0 && missing.length === 0 && out.length === 0, expected, seen);
}

async function judgeCount(wanted: Counted, url: string, signal: AbortSignal): Promise<Observation> {
  const id = `counts-${wanted.name}`;
  const least = wanted.minimum ?? wanted.times;
  const expected = `${wanted.metric} grows by at least ${least} with ${wanted.times} requests within ${wanted.withinSeconds} s`;
  const total = async () => {
    const families = await scrapeMetrics(url, signal);
    const family = families.get(wanted.metric) ?? families.get(wanted.metric.replace(/_count$/, ""));
    if (family === undefined) throw new Error(`metric ${wanted.metric}: not among ${families.size} families`);
    const samples = matching(family.samples, wanted.labels).filter(({ name }) => name === wanted.metric);
    return samples.reduce((sum, { value }) => sum + value, 0);
  };
  try {
    const before = await total();
    for (let made = 0; made < wanted.times; made++)
      await exchange({ ...wanted.request, timeoutSeconds: 10, signal });
    const waited = await waitUntil(total, (now) => now - before >= least, {
      withinSeconds: wanted.withinSeconds,
      everySeconds: 0.1,
      signal,
    });
    return observe(id, waited.ready, expected, `from ${before} to ${waited.value}`);
  } catch (error) {
    if (signal.aborted) throw error;
    return observe(id, false, expected, messageOf(error));
  }
}
