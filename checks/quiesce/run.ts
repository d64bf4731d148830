// Switches off and waits; the other way round is ../resume/run.ts.
import type { QuiesceInputs } from "../quiesce.ts";
import { type Fact, type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { waitUntil } from "../wait.ts";
import { readJournal, writeJournal } from "./journal.ts";
import { type Places, readFlag, setFlag, UNDEFINED_TABLE, withPlaces } from "./places.ts";
import { countOf, isPaused, isThere, setPaused } from "./queues.ts";

export function runQuiesce(given: QuiesceInputs, { signal, log }: StepContext): Promise<Finding> {
  return withPlaces(given, signal, async (places) => {
    const earlier = await readJournal(given, places);
    const now = await present(given, places);
    // What a run wrote down that was killed half way counts; a flag that it did not know yet is as it is now.
    const before =
      earlier?.state === "quiesced" ? { ...earlier, flags: { ...now.flags, ...earlier.flags } } : now;
    await writeJournal({ ...before, state: "quiesced", at: new Date().toISOString() }, given, places);
    const observations: Observation[] = [];
    for (const flag of given.flags) {
      const id = `flag-${flag.name}`;
      const expected = `${flag.off}, the value before on record`;
      if (!(flag.name in before.flags)) {
        observations.push({ id, result: "notApplicable", expected, observed: "the flag does not exist yet" });
        continue;
      }
      await setFlag(flag, flag.off, places);
      const now = await readFlag(flag, places);
      const was = before.flags[flag.name] ?? "not set";
      observations.push(observe(id, now === flag.off, expected, `${now}, before ${was}`));
      log(`${flag.name}: ${was} to ${now}`);
    }
    const there: QuiesceInputs["queues"] = [];
    for (const queue of given.queues) {
      if (await isThere(queue, places)) there.push(queue);
      else for (const id of [`paused-${queue.name}`, `drained-${queue.name}`]) observations.push(absent(id));
    }
    for (const queue of there.filter(({ bullmq }) => bullmq !== undefined)) {
      await setPaused(queue, true, given, signal);
      const paused = await isPaused(queue, given, signal);
      observations.push(observe(`paused-${queue.name}`, paused, "paused", paused ? "paused" : "running"));
    }
    const charts: Fact[] = [];
    for (const queue of there) observations.push(await drained(queue, given, places, charts));
    return { observations, facts: { flags: before.flags, paused: before.paused, charts } };
  });
}

/** As before the first release; a name that is wrong is never a pass. */
function absent(id: string): Observation {
  return { id, result: "notApplicable", expected: "at rest", observed: "the queue does not exist yet" };
}

/** How everything is now. */
async function present(given: QuiesceInputs, places: Places) {
  const flags: { [name: string]: string | null } = {};
  for (const flag of given.flags) {
    const value = await readFlag(flag, places);
    if (value !== undefined) flags[flag.name] = value;
  }
  const paused: string[] = [];
  for (const queue of given.queues)
    if (queue.bullmq && (await isPaused(queue, given, places.signal))) paused.push(queue.name);
  return { flags, paused };
}

async function drained(
  queue: QuiesceInputs["queues"][number],
  given: QuiesceInputs,
  places: Places,
  charts: Fact[],
): Promise<Observation> {
  const id = `drained-${queue.name}`;
  const expected = `0 in work within ${given.drainSeconds} s`;
  try {
    const line: Fact[] = [];
    const began = performance.now();
    const waited = await waitUntil(
      async () => {
        const count = await countOf(queue, given, places);
        line.push([Math.round(performance.now() - began) / 1000, count]);
        return count;
      },
      (count) => count === 0,
      { withinSeconds: given.drainSeconds, everySeconds: given.everySeconds, signal: places.signal },
    );
    // One look is no line.
    if (line.length > 1)
      charts.push({ title: `In work in ${queue.name}`, unit: "jobs", line: thinned(line) });
    return observe(
      id,
      waited.ready,
      expected,
      `${waited.value} in work after ${waited.seconds.toFixed(1)} s`,
    );
  } catch (error) {
    // As before the first release; a name that is wrong is never a pass.
    if (error instanceof Error && "code" in error && error.code === UNDEFINED_TABLE)
      return { id, result: "notApplicable", expected, observed: "the queue's table does not exist yet" };
    throw error;
  }
}

const MOST_POINTS = 120;

/** So few points that a picture of them is no larger than needed; the last one stays. */
function thinned(line: Fact[]): Fact[] {
  const every = Math.ceil(line.length / MOST_POINTS);
  return line.filter((_, index) => index % every === 0 || index === line.length - 1);
}
