// Proves that what rested during a release works again: flags as before or as they are wanted afterwards, queues not paused. Also
// run on its own by whichever step fails in between; see `onFailure` in step/inputs.ts.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { quietInputs, quietSecrets } from "./quiesce/definition.ts";
import type { Entry } from "./quiesce/journal.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep, type Finding, type Observation, observe, type StepContext } from "./step/definition.ts";
import { messageOf } from "./step/message.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    ...quietInputs,
    /** After a failed release flags get the values before, not those of `after`. */
    failed: z.boolean().default(false),
    /** When everything was switched off. */
    triggers: z.array(z.string()).default([]),
  });
type ResumeInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: quietSecrets,
  rerun: ({ flags, queues, triggers }) => ({ flags, queues, triggers }),
  // Still off: a run was killed in between.
  again: async (given, _previous, { signal }) =>
    (await (await import("./quiesce/journal.ts")).lastState(given, signal)) === "quiesced",
  deadlineSeconds: 120,
  run,
});

type Before = Pick<Entry, "flags" | "paused">;

async function run(given: ResumeInputs, { signal, log }: StepContext): Promise<Finding> {
  const { withPlaces, readFlag, setFlag } = await import("./quiesce/places.ts");
  const { readJournal, writeJournal } = await import("./quiesce/journal.ts");
  const { isPaused, isThere, setPaused } = await import("./quiesce/queues.ts");
  return withPlaces(given, signal, async (places): Promise<Finding> => {
    const last = await readJournal(given, places);
    const observations: Observation[] = [];
    const flags: { [name: string]: string | null } = {};
    if (given.failed && last?.state !== "quiesced") {
      const observed = "nothing was switched off";
      observations.push({ id: "resumed", result: "notApplicable", expected: "as before", observed });
      return { observations, facts: {} };
    }
    const before: Before = last ?? { flags: {}, paused: [] };
    for (const flag of given.flags) {
      const id = `flag-${flag.name}`;
      const known = flag.name in before.flags;
      const wanted = given.failed || flag.after === undefined ? before.flags[flag.name] : flag.after;
      if (wanted === undefined || (given.failed && !known)) {
        observations.push({
          id,
          result: "notApplicable",
          expected: "as before",
          observed: "it did not exist before",
        });
        continue;
      }
      const words = wanted ?? "not set";
      const put = await tried(id, words, signal, async () => {
        await setFlag(flag, wanted, places);
        const now = await readFlag(flag, places);
        flags[flag.name] = now ?? null;
        return observe(id, now === wanted, words, now ?? "not set");
      });
      observations.push(put);
      log(`${flag.name}: ${put.observed}`);
    }
    for (const queue of given.queues.filter(({ bullmq }) => bullmq !== undefined)) {
      const id = `running-${queue.name}`;
      const wanted = before.paused.includes(queue.name);
      const word = (is: boolean) => (is ? "paused" : "running");
      const expected = `${word(wanted)}, as before`;
      observations.push(
        await tried(id, expected, signal, async () => {
          if (!(await isThere(queue, places)))
            return { id, result: "notApplicable", expected, observed: "the queue does not exist" };
          if (!wanted) await setPaused(queue, false, given, signal);
          const paused = await isPaused(queue, given, signal);
          return observe(id, paused === wanted, expected, word(paused));
        }),
      );
    }
    // What still rests stays on record as resting, with what was before it: the next run puts it back.
    const rests = observations.some(({ result }) => result === "failed");
    const state = given.failed ? "failed" : "resumed";
    if (!rests) await writeJournal({ ...before, state, at: new Date().toISOString() }, given, places);
    return { observations, facts: { state: rests ? "quiesced" : state, flags } };
  });
}

/** One that cannot be put back, e.g. a flag of an application that is down, leaves none of the others at rest. */
async function tried(
  id: string,
  expected: string,
  signal: AbortSignal,
  work: () => Promise<Observation>,
): Promise<Observation> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) throw error;
    return observe(id, false, expected, messageOf(error));
  }
}

/** Evidence: `flag-NAME`, `running-NAME`; facts `flags` are the values afterwards. */
export class Resume extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("resume", name, args, opts);
  }
}
