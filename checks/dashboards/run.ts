// Reads each dashboard back and asks for every series that it shows.
import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import type { DashboardsInputs } from "../dashboards.ts";
import { KEPT_SECONDS, latestDatapoint, type MetricName } from "../measures/cloudwatch.ts";
import { type Facts, type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";
import { waitUntil } from "../wait.ts";

const widget = z.looseObject({
  type: z.string(),
  properties: z
    .looseObject({
      title: z.string().optional(),
      stat: z.string().default("Average"),
      period: z.number().default(300),
      metrics: z.array(z.array(z.unknown())).optional(),
    })
    .optional(),
});
const body = z.looseObject({ widgets: z.array(widget) });

export async function runDashboards(
  given: DashboardsInputs,
  { signal, previous }: StepContext,
): Promise<Finding> {
  const observations: Observation[] = [];
  const facts: Facts = {};
  const release = [...given.since].sort().at(-1);
  const shown = shownBefore(previous, release);
  const read = await Promise.all(given.dashboards.map((one) => bodyOf(one.dashboardName, signal)));
  for (const [index, wanted] of given.dashboards.entries()) {
    const found = read[index];
    observations.push(judgeDefinition(wanted, found));
    if (typeof found !== "string") continue;
    const judged = await judgeData(wanted.id, seriesOf(found), { given, shown, signal });
    observations.push(judged.observation);
    facts[wanted.id] = judged.fact;
  }
  if (release !== undefined) facts.shownSeries = { release, series: [...shown] };
  return { observations, facts };
}

const remembered = z.object({ shownSeries: z.object({ release: z.string(), series: z.array(z.string()) }) });

/** Series that had a datapoint of this release in an earlier look: what is written now and then is not kept for ever. */
function shownBefore(previous: Facts | undefined, release: string | undefined): Set<string> {
  const known = remembered.safeParse(previous).data?.shownSeries;
  return new Set(known !== undefined && known.release === release ? known.series : []);
}

const nameOf = ({ namespace, metricName, dimensions, statistic }: MetricName) =>
  canonicalJson([namespace, metricName, dimensions, statistic]);

/** The body as CloudWatch has it; undefined when there is no such dashboard. */
async function bodyOf(DashboardName: string, signal: AbortSignal): Promise<string | undefined> {
  const { CloudWatchClient, GetDashboardCommand } = await import("@aws-sdk/client-cloudwatch");
  const client = new CloudWatchClient({});
  try {
    const { DashboardBody } = await client.send(new GetDashboardCommand({ DashboardName }), {
      abortSignal: signal,
    });
    return DashboardBody;
  } catch (error) {
    if (error instanceof Error && /ResourceNotFound|DashboardNotFound/.test(error.name)) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}

function judgeDefinition(
  { id, dashboardName, body: wanted }: DashboardsInputs["dashboards"][number],
  found: string | undefined,
): Observation {
  const expected = `${dashboardName} as it is defined`;
  if (found === undefined) return observe(`defined-${id}`, false, expected, "no such dashboard");
  const same = canonicalJson(JSON.parse(found)) === canonicalJson(JSON.parse(wanted));
  const panels = body.parse(JSON.parse(found)).widgets.length;
  return observe(
    `defined-${id}`,
    same,
    expected,
    same ? `${panels} widgets, equal` : `${panels} widgets, changed since`,
  );
}

/** Every series of every widget of type metric. */
function seriesOf(text: string): MetricName[] {
  return body
    .parse(JSON.parse(text))
    .widgets.flatMap(({ type, properties }) =>
      type === "metric" ? (properties?.metrics ?? []).map((metric) => seriesFrom(metric, properties)) : [],
    );
}

/** `[namespace, name, dimension, value, …, options]`, as CloudWatch writes a series. */
function seriesFrom(metric: unknown[], properties: { stat: string; period: number } | undefined): MetricName {
  const [namespace = "", metricName = "", ...rest] = metric.filter((part) => typeof part === "string");
  const options = z
    .looseObject({ stat: z.string().optional(), period: z.number().optional() })
    .safeParse(metric.at(-1));
  const dimensions: { [name: string]: string } = {};
  for (let at = 0; at + 1 < rest.length; at += 2) dimensions[rest[at] ?? ""] = rest[at + 1] ?? "";
  return {
    namespace,
    metricName,
    dimensions,
    statistic: options.data?.stat ?? properties?.stat ?? "Average",
    periodSeconds: options.data?.period ?? properties?.period ?? 300,
  };
}

function ageSeconds(datapoint: { at: Date } | undefined): number {
  return datapoint === undefined ? Number.POSITIVE_INFINITY : (Date.now() - datapoint.at.getTime()) / 1000;
}

async function judgeData(
  id: string,
  series: MetricName[],
  { given, shown, signal }: { given: DashboardsInputs; shown: Set<string>; signal: AbortSignal },
): Promise<{ observation: Observation; fact: Facts }> {
  const released = given.since.length === 0 ? Date.now() : Date.parse([...given.since].sort().at(-1) ?? "");
  const within = () => Math.min(KEPT_SECONDS, Math.max(given.freshSeconds, (Date.now() - released) / 1000));
  const expected = `each of ${series.length} series with a datapoint since the release, the newest at most ${given.freshSeconds} s old`;
  const named = `data-${id}`;
  if (series.length === 0)
    return {
      observation: observe(named, false, "panels with series", "the dashboard shows no metric"),
      fact: {},
    };
  let problem: string | undefined;
  const isShown = (one: MetricName | undefined) => one !== undefined && shown.has(nameOf(one));
  const look = async () => {
    try {
      return await Promise.all(series.map((one) => latestDatapoint(one, within(), signal)));
    } catch (error) {
      if (signal.aborted) throw error;
      problem = messageOf(error);
      return [];
    }
  };
  const complete = (found: Awaited<ReturnType<typeof look>>) =>
    found.length === series.length &&
    found.every((datapoint, index) => datapoint !== undefined || isShown(series[index])) &&
    found.some((datapoint) => ageSeconds(datapoint) <= given.freshSeconds);
  const limits = {
    withinSeconds: given.withinSeconds,
    everySeconds: Math.min(5, given.withinSeconds / 20),
    signal,
  };
  const { value: found, ready } = await waitUntil(look, complete, limits);
  const without = series.filter((_one, index) => found[index] === undefined);
  const empty = without.filter((one) => !isShown(one)).map(({ metricName }) => metricName);
  const past = without.filter(isShown).map(({ metricName }) => metricName);
  for (const [index, one] of series.entries()) if (found[index] !== undefined) shown.add(nameOf(one));
  const figures = Object.fromEntries(
    series.map(({ metricName, statistic }, index) => [
      `${metricName} ${statistic}`,
      found[index]?.value ?? null,
    ]),
  );
  const newest = Math.round(Math.min(...found.map(ageSeconds)));
  const missing =
    empty.length > 0
      ? `nothing in ${empty.join(", ")} after ${given.withinSeconds} s`
      : `all have, but the newest is ${newest} s old`;
  const earlier = past.length > 0 ? `, ${past.join(", ")} in an earlier look` : "";
  const seen = ready ? `all ${series.length} have${earlier}` : (problem ?? missing);
  return { observation: observe(named, ready, expected, seen), fact: figures };
}
