// Runs the driver in its thread and waits for what it saw.
import { Worker } from "node:worker_threads";
import type { Driven, DrivePlan } from "./drive.ts";

/** @throws the signal's reason when it aborts, and the thread's own error */
export function driveInThread(plan: DrivePlan, signal: AbortSignal): Promise<Driven> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("./thread.ts", import.meta.url), { workerData: plan, execArgv: [] });
  return new Promise<Driven>((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    worker.once("message", (driven: Driven) => {
      signal.removeEventListener("abort", stop);
      resolve(driven);
    });
    worker.once("error", reject);
  }).finally(() => worker.terminate());
}
