// What an application's metrics say, as figures need it: series with their labels and values, without types.
import { matching, parseMetrics, type Sample } from "../checks/measures/prometheus.ts";

export type Series = Sample;

/** @throws with the number of the first line that is not in the format of Prometheus */
export function seriesOf(text: string): Series[] {
  return [...parseMetrics(text).values()].flatMap(({ samples }) => samples);
}

/** Series of a family that have the given labels; each wanted value is a regular expression of the whole value. */
export function select(
  series: readonly Series[],
  name: string,
  wanted: { readonly [label: string]: string },
): Series[] {
  const labels = Object.entries(wanted).map(([label, matches]) => [label, { matches }] as const);
  return matching(
    series.filter((one) => one.name === name),
    Object.fromEntries(labels),
  );
}

export function total(series: readonly Series[]): number {
  return series.reduce((sum, { value }) => sum + value, 0);
}

/** What tells one series from all others. */
export function keyOf({ name, labels }: Series): string {
  return `${name}${JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}
