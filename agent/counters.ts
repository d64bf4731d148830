// How much counters grew between two looks. A counter that fell was started anew and counts from zero; one that is seen
// for the first time has grown by nothing, unless its family was there at the look before: then it began since.
import { keyOf, type Series } from "./series.ts";

export class Counters {
  #before: ReadonlyMap<string, number> | undefined;
  #now: Map<string, number> = new Map();

  /** Begins a look. */
  look(series: readonly Series[]): void {
    this.#before = this.#now.size > 0 ? this.#now : undefined;
    this.#now = new Map(series.map((one) => [keyOf(one), one.value]));
  }

  /** How much the series grew, all together. */
  increase(series: readonly Series[]): number {
    return series.reduce((sum, one) => sum + this.#increaseOf(one), 0);
  }

  /** How much each series of one histogram grew: where one fell, all of them were started anew. */
  increases(histogram: readonly Series[]): number[] {
    const isAnew = histogram.some((one) => one.value < (this.#before?.get(keyOf(one)) ?? 0));
    return histogram.map((one) => (isAnew ? one.value : this.#increaseOf(one)));
  }

  #increaseOf(series: Series): number {
    if (!this.#before) return 0;
    const before = this.#before.get(keyOf(series)) ?? 0;
    return series.value >= before ? series.value - before : series.value;
  }
}
