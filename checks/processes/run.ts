// One look at pm2's list and at what the system says of each process.
import type { ProcessesInputs } from "../processes.ts";
import type { Finding, StepContext } from "../step/definition.ts";
import { judgeProcesses } from "./judge.ts";
import { freeMegabytes, processorsOf, readList } from "./read.ts";

export async function runProcesses(
  { processes }: ProcessesInputs,
  { log, signal }: StepContext,
): Promise<Finding> {
  const list = await readList(signal);
  const observations = [];
  for (const wanted of processes) {
    const found = list.filter(({ name }) => name === wanted.name);
    const seen = await Promise.all(
      found.map(async (one) => ({
        ...one,
        processors: await processorsOf(one.pid),
        diskMegabytes: await freeMegabytes(one.folder),
      })),
    );
    observations.push(...judgeProcesses(wanted, seen));
    log(`${wanted.name}: ${found.length} processes`);
  }
  const restarts = Object.fromEntries(list.map(({ name, id, restarts }) => [`${name}-${id}`, restarts]));
  return { observations, facts: { restarts } };
}
