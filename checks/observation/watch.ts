// One look, or many, at a release that is watched: samples are taken, kept and judged. The update and `greenlight watch` share it.
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { digestJson } from "../canonical-json.ts";
import type { Reading } from "../measures/measure.ts";
import { readMeasures } from "../measures/reader.ts";
import type { ObservationInputs } from "../observation.ts";
import { judgeMarks, type SampleSet, type Verdicts } from "./judge.ts";
import { bucketFiles, folderFiles, SampleStore } from "./store.ts";

const UNHURRIED_SECONDS = 5;

export interface Watched {
  verdicts: Verdicts;
  beganAt: Date;
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
 * Watches at a pace. `onJudged` sees the verdicts after each sample and may end the watch by answering true.
 * @throws when samples cannot be kept; what cannot be read is an error in its sample
 */
export async function watch(
  given: ObservationInputs,
  pace: Pace,
  signal: AbortSignal,
  onJudged: (verdicts: Verdicts, now: Date) => boolean = () => false,
): Promise<Watched> {
  const store = storeOf(given, signal);
  const beganAt = await store.begin(new Date());
  const samples = await store.load();
  const taken: SampleSet[] = [];
  const judged = (now: Date) =>
    judgeMarks({ ...given, beganAt, baseline: given.baseline, now }, [...samples, ...taken]);
  const end = Date.now() + pace.seconds * 1000;
  for (;;) {
    const sample = await sampled(given, signal);
    taken.push(sample);
    // Kept at once where there is time for it: a watch that is killed loses nothing.
    if (pace.everySeconds >= UNHURRIED_SECONDS) await store.append([sample]);
    const now = new Date();
    if (onJudged(judged(now), now) || now.getTime() >= end) break;
    await pause(Math.max(0, Math.min(pace.everySeconds * 1000, end - Date.now())), undefined, { signal });
  }
  await store.append(taken);
  const verdicts = judged(new Date());
  const whole = [...samples, ...taken];
  await store.conclude({ release: given.release, beganAt, samples: whole.length, ...verdicts });
  return { verdicts, beganAt, samples: whole, taken };
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
