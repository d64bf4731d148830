// Metrics that the application tells at its Prometheus endpoints.
import { exchange } from "../../checks/http/request.ts";
import { Counters } from "../counters.ts";
import { type Reading, shareOf, single } from "../reading.ts";
import { keyOf, type Series, select, seriesOf, total } from "../series.ts";
import type { Source } from "../source.ts";

type Of<Kind extends Source["kind"]> = Extract<Source, { kind: Kind }>;

/** One look at all endpoints, and what the looks before it told. */
export class ApplicationMetrics {
  readonly #urls: readonly string[];
  readonly #counters = new Counters();
  /** Totals of counters by their source, oldest first. */
  readonly #history = new Map<string, { at: number; total: number }[]>();
  #series: Series[] = [];

  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  /** @throws when an endpoint does not answer with metrics; then nothing of this look counts */
  async look(signal: AbortSignal): Promise<void> {
    const answers = await Promise.all(
      this.#urls.map(async (url) => {
        const { status, text } = await exchange({ url, timeoutSeconds: 10, signal });
        // An address may carry a password.
        const { origin, pathname } = new URL(url);
        if (status !== 200) throw new Error(`metrics "${origin}${pathname}": status ${status}, want 200`);
        // The same series of two instances are two series.
        return seriesOf(text).map((one) => ({ ...one, labels: { ...one.labels, endpoint: url } }));
      }),
    );
    this.#series = answers.flat();
    this.#counters.look(this.#series);
  }

  gauge({ family, labels, percentOf }: Of<"gauge">): Reading | undefined {
    const found = select(this.#series, family, labels);
    if (found.length === 0) return this.#absent(family);
    return single(percentOf === undefined ? total(found) : (100 * total(found)) / percentOf);
  }

  increase({ family, labels }: Of<"increase">): Reading | undefined {
    this.#require(family);
    return single(this.#counters.increase(select(this.#series, family, labels)));
  }

  share({ family, part, whole }: Of<"share">): Reading {
    this.#require(family);
    const grown = (labels: { [name: string]: string }) =>
      this.#counters.increase(select(this.#series, family, labels));
    return shareOf(grown({ ...whole, ...part }), grown(whole));
  }

  /** Each time counts as the upper bound of its bucket: a limit on a bound is judged exactly, any other too early. */
  durations({ family, labels }: Of<"durations">): Reading | undefined {
    this.#require(`${family}_bucket`);
    const bounds = new Map<number, number>();
    for (const histogram of histogramsOf(select(this.#series, `${family}_bucket`, labels))) {
      const grown = this.#counters.increases(histogram);
      for (const [index, { le }] of histogram.map((series) => series.labels).entries()) {
        const bound = Number(le === "+Inf" ? Infinity : le);
        bounds.set(bound, (bounds.get(bound) ?? 0) + (grown[index] ?? 0));
      }
    }
    const ascending = [...bounds].sort(([a], [b]) => a - b);
    const largest = ascending.findLast(([bound]) => Number.isFinite(bound))?.[0] ?? 0;
    const samples = ascending
      .map(([bound, upTo], index) => ({
        // Beyond the last bound: twice that bound, so that it is over any limit within.
        milliseconds: 1000 * (Number.isFinite(bound) ? bound : 2 * largest),
        count: upTo - (ascending[index - 1]?.[1] ?? 0),
      }))
      .filter(({ count }) => count > 0);
    if (samples.length === 0) return undefined;
    return {
      values: samples.map(({ milliseconds }) => milliseconds),
      counts: samples.map(({ count }) => count),
    };
  }

  /** Without a time to compare with there is no drop. */
  drop(source: Of<"drop">, now: number): Reading {
    this.#require(source.family);
    const key = JSON.stringify(source);
    const history = this.#history.get(key) ?? [];
    const last = history.at(-1)?.total ?? 0;
    const grown = this.#counters.increase(select(this.#series, source.family, source.labels));
    history.push({ at: now, total: last + grown });
    const oldest = now - (source.recentSeconds + source.baselineSeconds) * 1000;
    this.#history.set(
      key,
      history.filter(({ at }) => at >= oldest),
    );
    return single(dropOf(history, now, source));
  }

  #require(family: string): void {
    if (!this.#series.some(({ name }) => name === family || name.startsWith(`${family}_`)))
      this.#absent(family);
  }

  #absent(family: string): never {
    throw new Error(`metrics: no series of "${family}", want some; correct the name in greenlight:agent`);
  }
}

/** Buckets by the histogram that they are of: its labels are all but the bound. */
function histogramsOf(buckets: readonly Series[]): Series[][] {
  const whose = ({ name, value, labels: { le: _, ...labels } }: Series) => keyOf({ name, value, labels });
  return [...Map.groupBy(buckets, whose).values()];
}

/** Per cent by which the recent rate is below the one before it, 0 to 100. */
export function dropOf(
  history: readonly { at: number; total: number }[],
  now: number,
  { recentSeconds, baselineSeconds }: { recentSeconds: number; baselineSeconds: number },
): number {
  const from = now - recentSeconds * 1000;
  const turn = history.findLast(({ at }) => at <= from);
  const first = history.find(({ at }) => at >= from - baselineSeconds * 1000);
  const last = history.at(-1);
  if (!turn || !first || !last || first.at >= turn.at || last.at <= turn.at) return 0;
  const before = (turn.total - first.total) / (turn.at - first.at);
  if (before <= 0) return 0;
  const recent = (last.total - turn.total) / (last.at - turn.at);
  return Math.max(0, 100 * (1 - recent / before));
}
