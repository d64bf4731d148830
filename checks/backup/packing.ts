// A backup that is packed in its thread, as parts in this one.
import { Worker } from "node:worker_threads";
import type { Packed, PackPlan, Part } from "./pack.ts";
import type { FromThread, ToThread } from "./pack-thread.ts";

/** A part; `release` gives its buffer back, after which its bytes are others. */
export interface HeldPart extends Part {
  release(): void;
}

export interface Packing {
  /** Returns what all parts are. @throws what pg_dump or the packing throws */
  parts: AsyncGenerator<HeldPart, Packed>;
  /** Ends it, also in the middle, and waits until pg_dump has ended too. */
  stop(): Promise<void>;
}

/** Starts at once. */
export function startPacking(plan: PackPlan): Packing {
  const worker = new Worker(new URL("./pack-thread.ts", import.meta.url), { workerData: plan, execArgv: [] });
  const send = (message: ToThread, moved: ArrayBuffer[] = []) => worker.postMessage(message, moved);
  const come: FromThread[] = [];
  let failure: { error: unknown } | undefined;
  let wake = () => {};
  worker.on("message", (message: FromThread) => {
    come.push(message);
    wake();
  });
  worker.on("error", (error) => {
    failure = { error };
  });
  const exited = new Promise<void>((resolve) => {
    worker.on("exit", () => {
      failure ??= { error: new Error("backup: its thread ended before the backup did") };
      wake();
      resolve();
    });
  });
  const received = async function* (): AsyncGenerator<HeldPart, Packed> {
    for (;;) {
      const next = come.shift();
      if (next === undefined) {
        if (failure) throw failure.error;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if ("packed" in next) return next.packed;
      else {
        const { buffer, length, sha256 } = next;
        yield { bytes: Buffer.from(buffer, 0, length), sha256, release: () => send({ buffer }, [buffer]) };
      }
    }
  };
  return {
    parts: received(),
    async stop() {
      send({ stop: true });
      await exited;
    },
  };
}
