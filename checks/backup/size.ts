// Whether a backup shrank suddenly, beside the last one that did not: one that did is no measure for those after it.
import { type Fact, type Facts, type Observation, observe } from "../step/definition.ts";

/** Size that the next backup is compared with. @param facts of the last one, if it is on record */
export function trustedBytes(facts: Facts | undefined): Fact | undefined {
  return facts?.trustedBytes ?? facts?.sizeBytes;
}

/** Observation `size`, and the fact `trustedBytes` for the next backup. @param last of the one before */
export function judgeSize(
  sizeBytes: number,
  minimumSizeRatio: number,
  last: Fact | undefined,
): { size: Observation; trusted: number } {
  if (typeof last !== "number") {
    const expected = `at least ${minimumSizeRatio} of the last backup's size`;
    const observed = `${sizeBytes} bytes; no earlier backup is on record`;
    return { size: { id: "size", result: "notApplicable", expected, observed }, trusted: sizeBytes };
  }
  const least = Math.ceil(last * minimumSizeRatio);
  const expected = `at least ${least} bytes, ${minimumSizeRatio} of the last backup's`;
  const large = sizeBytes >= least;
  const observed = `${sizeBytes} bytes${large ? "" : "; where that much was deleted, lower minimumSizeRatio for one backup"}`;
  return { size: observe("size", large, expected, observed), trusted: large ? sizeBytes : last };
}
