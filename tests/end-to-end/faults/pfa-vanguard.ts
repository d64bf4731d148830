// Ways in which PFA Vanguard can be wrong.
import { start as startBackend } from "../../../examples/pfa-vanguard/application/main.ts";
import { start as startWorker } from "../../../examples/pfa-vanguard/application/worker/main.ts";
import { start as startPems } from "../../../examples/pfa-vanguard/pems/main.ts";
import type { FaultList, Running } from "../support/fault.ts";
import { switched } from "../support/switches.ts";

/** Backend, worker and the stand-in for PEMS, each on its port. */
async function start(environment: { [name: string]: string }): Promise<Running> {
  const { PEMS_PORT = "", WORKER_PORT = "", BACKEND_PORT = "" } = environment;
  const running: Running[] = [];
  const stop = async () => {
    for (const one of running.reverse()) await one.stop();
  };
  try {
    running.push(await startPems({ ...environment, PORT: PEMS_PORT }));
    running.push(await startWorker({ ...environment, PORT: WORKER_PORT }));
    running.push(await startBackend({ ...environment, PORT: BACKEND_PORT }));
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export const list: FaultList = {
  system: "pfa-vanguard",
  start,
  faults: [
    {
      name: "wrong-version",
      wrong: "backend and worker answer another version than the one released",
      steps: ["smoke"],
      boxes: ["002-033", "002-051", "002-T05"],
      apply: switched("wrong-version"),
    },
    {
      name: "login",
      wrong: "nobody can sign in",
      steps: ["smoke"],
      boxes: ["002-033", "002-034", "002-051", "002-061", "002-T05"],
      apply: switched("login"),
    },
    {
      name: "records-empty",
      wrong: "the plan is empty",
      steps: ["smoke"],
      boxes: ["002-034", "002-051", "002-T05"],
      apply: switched("records-empty"),
    },
    {
      name: "status-wrong",
      wrong: "the state of the sync is told wrongly",
      steps: ["smoke"],
      boxes: ["002-033", "002-051", "002-T05"],
      apply: switched("status-wrong"),
    },
    {
      name: "queue-metrics-wrong",
      wrong: "the queue's figures are not those of its table",
      steps: ["smoke"],
      boxes: ["002-033", "002-051", "002-T05"],
      apply: switched("queue-metrics-wrong"),
    },
    {
      name: "sync-fails",
      wrong: "no write reaches PEMS",
      steps: ["smoke"],
      boxes: ["002-033", "002-038", "002-051", "002-061", "002-T05"],
      apply: switched("sync-fails"),
    },
    {
      name: "conflict-lost",
      wrong: "a conflict is not kept",
      steps: ["smoke"],
      boxes: ["002-051", "002-T05"],
      apply: switched("conflict-lost"),
    },
    {
      name: "metrics-frozen",
      wrong: "the metrics stay as they were at the start",
      steps: ["smoke"],
      boxes: ["002-033", "002-051", "002-T05"],
      apply: switched("metrics-frozen"),
    },
  ],
};
