// How long the journeys of a system that is wrong wait for what does not come: some times as long as it took when all was well.
// Their own limits are for a day on which everything is slow; waiting for them would make every fault cost a minute.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { Report } from "../../../report/report.ts";
import type { Inputs } from "./step-inputs.ts";

const TIMES = 10;
const SHORTEST_SECONDS = 5;

const step = z.looseObject({ name: z.string(), waitSeconds: z.number().optional() });
const file = z.looseObject({
  journeys: z.array(z.looseObject({ name: z.string(), steps: z.array(step) })),
});

/** The inputs of a step as faults need them, where it waits; those of any other step as they are. */
export async function withPatience(inputs: Inputs, first: Report, scratch: string): Promise<Inputs> {
  if (inputs.kind === "health") return healthWithPatience(inputs, first);
  // The agent rests while faults are tried, with the application that was deployed: what it wrote last has to do.
  if (inputs.kind === "dashboards") return { ...inputs, freshSeconds: 3600 };
  // The first backup of the plan that was deployed is long there; that of another plan does not come.
  if (inputs.kind === "scheduled-backup") return { ...inputs, withinSeconds: SHORTEST_SECONDS };
  if (inputs.kind !== "smoke") return inputs;
  const read = file.parse(parse(await readFile(String(inputs.file), "utf8")));
  const seen = first.steps.find(({ name }) => name === inputs.name)?.observations ?? [];
  for (const journey of read.journeys)
    for (const one of journey.steps) {
      if (one.waitSeconds === undefined) continue;
      const then = seen.find(({ id }) => id === `${journey.name}-${one.name}`)?.observed ?? "";
      const took = Number(/ after ([\d.]+) s$/.exec(then)?.[1] ?? 0);
      one.waitSeconds = Math.min(one.waitSeconds, Math.max(SHORTEST_SECONDS, TIMES * took));
    }
  const patient = join(scratch, "journeys.yaml");
  await writeFile(patient, stringify(read));
  return { ...inputs, file: patient };
}

/** Health looks several times in any case, so that a few times as long is long. */
function healthWithPatience(inputs: Inputs, first: Report): Inputs {
  const took = first.steps.find(({ name }) => name === inputs.name)?.durationSeconds ?? 0;
  const longest = Math.ceil(Math.max(SHORTEST_SECONDS, 3 * took));
  return { ...inputs, withinSeconds: Math.min(Number(inputs.withinSeconds ?? longest), longest) };
}
