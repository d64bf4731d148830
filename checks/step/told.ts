// What of a failure travels to the engine: as many reasons and as much of the evidence as one error takes.
import type { Observation } from "./definition.ts";
import type { Outcome } from "./outcome.ts";

// An error's details travel as one HTTP/2 header, in base64; 64 KiB are certain to pass.
const LARGEST_ERROR_BYTES = 45_000;
const MOST_REASONS = 12;
const LONGEST_REASON = 600;

/** So many that the transport takes them; all of them are in the evidence. */
export function few(reasons: string[]): string[] {
  const told = reasons
    .slice(0, MOST_REASONS)
    .map((reason) => (reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)} …` : reason));
  const more = reasons.length - told.length;
  return more > 0 ? [...told, `and ${more} more`] : told;
}

/** The evidence with as much of its texts as the transport takes; every observation keeps its result while that fits. */
export function shortened(outs: Outcome, spentBytes: number): Outcome {
  const telling = outs.observations.filter((o) => o.result !== "passed").slice(0, 10);
  const candidates = [
    outs,
    { ...outs, facts: {} },
    { ...outs, facts: {}, observations: clipped(outs.observations, 60) },
    { ...outs, facts: {}, observations: clipped(telling, 300) },
  ];
  const left = LARGEST_ERROR_BYTES - spentBytes;
  const fitting = candidates.find((one) => Buffer.byteLength(JSON.stringify(one)) <= left);
  return fitting ?? { ...outs, facts: {}, observations: [] };
}

function clipped(observations: Observation[], length: number): Observation[] {
  return observations.map((o) => ({
    ...o,
    expected: o.expected.slice(0, length),
    observed: o.observed.slice(0, length),
  }));
}
