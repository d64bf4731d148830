// One look, or many, at a release that is watched: samples are taken, kept and judged. The update and `greenlight watch` share it.
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { digestJson } from "../canonical-json.ts";
import type { Reading } from "../measures/measure.ts";
import { readMeasures } from "../measures/reader.ts";
import type { ObservationInputs } from "../observation.ts";
import type { Verdicts } from "./judge.ts";
import type { SampleSet } from "./samples.ts";
import { type JudgedStarts, judgeStarts, type Starts } from "./starts.ts";
import { bucketFiles, folderFiles, SampleStore } from "./store.ts";

const UNHURRIED_MILLISECONDS = 5_000;

export interface Watched {
  verdicts: Verdicts;
  /** When the release was first watched, and when anew. */
  starts: Starts;
  samples: SampleSet[];
  /** How many were taken by this watch. */
  taken: SampleSet[];
}

/** How long and how often; `seconds` 0 is one sample. */
export interface Pace {
  seconds: number;
  everySeconds: number;
}

/**
 * Watches at a pace. A release is watched anew where its windows have had too little data when a watch begins, or where the watch
 * itself was held up, e.g. on a machine that slept. `onJudged` sees the verdicts after each sample and may end the watch by
 * answering true.
 * @throws when samples cannot be kept; what cannot be read is an error in its sample
 */
export async function watch(
  given: ObservationInputs,
  pace: Pace,
  signal: AbortSignal,
  onJudged: (verdicts: Verdicts, now: Date) => boolean = () => false,
): Promise<Watched> {
  const store = storeOf(given, signal);
  let starts = await store.starts(new Date());
  const samples = await store.load();
  const taken: SampleSet[] = [];
  let unkept: SampleSet[] = [];
  let keptAt = Date.now();
  const judged = (now: Date) => judgeStarts({ ...given, now }, starts, [...samples, ...taken]);
  const end = Date.now() + pace.seconds * 1000;
  for (;;) {
    const sample = await sampled(given, signal);
    const isHeldUp = secondsSince(taken.at(-1), sample) > given.maximumGapSeconds;
    taken.push(sample);
    unkept.push(sample);
    if (taken.length === 1 || isHeldUp) {
      const { holes, needed } = judged(new Date());
      const why = whyAnew(holes, sample);
      if (why !== undefined) {
        starts = [...needed, { at: new Date(sample.at), why }];
        await store.restart(starts);
      }
    }
    // Kept at once where there is time for it, else together: a watch that is stopped or killed loses next to nothing.
    if (Math.max(pace.everySeconds * 1000, Date.now() - keptAt) >= UNHURRIED_MILLISECONDS) {
      await store.append(unkept);
      unkept = [];
      keptAt = Date.now();
    }
    const now = new Date();
    if (onJudged(judged(now), now) || now.getTime() >= end) break;
    await pause(Math.max(0, Math.min(pace.everySeconds * 1000, end - Date.now())), undefined, { signal });
  }
  await store.append(taken);
  const { observations, breaches } = judged(new Date());
  const whole = [...samples, ...taken];
  const [{ at: beganAt }, ...anew] = starts;
  const { release } = given;
  await store.conclude({ release, beganAt, anew, samples: whole.length, observations, breaches });
  return { verdicts: { observations, breaches }, starts, samples: whole, taken };
}

function secondsSince(before: SampleSet | undefined, { at }: SampleSet): number {
  return before === undefined ? 0 : (Date.parse(at) - Date.parse(before.at)) / 1000;
}

/** What cannot be proven any more, and could be from this sample on, if anything. */
function whyAnew(holes: JudgedStarts["holes"], { values }: SampleSet): string | undefined {
  const [first, ...more] = [...holes].filter(([, { measures }]) =>
    measures.every((name) => values[name] !== undefined),
  );
  if (first === undefined) return undefined;
  const [id, { observed }] = first;
  return `${id}: ${observed}${more.length === 0 ? "" : `; and ${more.length} more`}`;
}

/** The samples of this release, wherever they are kept. */
export function storeOf(given: ObservationInputs, signal: AbortSignal): SampleStore {
  const { bucket, directory, system, stack, release, since } = given;
  const folder = join(
    "observation",
    system,
    stack,
    `${release || "release"}-${digestJson({ release, since }).slice(0, 12)}`,
  );
  return new SampleStore(
    bucket === undefined ? folderFiles(join(directory, folder)) : bucketFiles(bucket, folder, signal),
  );
}

async function sampled(given: ObservationInputs, signal: AbortSignal): Promise<SampleSet> {
  const at = new Date().toISOString();
  const { values, errors } = await readMeasures(given.measures, given, signal);
  return { at, values: finite(values), errors };
}

/** JSON has no infinity, and no measure has a use for it. */
function finite(values: { [name: string]: Reading }): { [name: string]: Reading } {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => typeof value !== "number" || Number.isFinite(value)),
  );
}
