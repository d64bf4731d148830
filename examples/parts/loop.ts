// Work that is done again and again in the background, one round after the other, and soon when somebody asks.
import { setTimeout } from "node:timers/promises";

export interface Loop {
  /** Begins the next round now instead of after the pause. */
  nudge(): void;
  /** Resolves when the round that is under way has ended; none begins after it. */
  stop(): Promise<void>;
}

/** @param failed told of a round that threw; the next one comes all the same. */
export function startLoop(
  pauseMilliseconds: number,
  round: (signal: AbortSignal) => Promise<void>,
  failed: (error: unknown) => void,
): Loop {
  const stopping = new AbortController();
  let wake = new AbortController();
  const run = async () => {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      try {
        await round(stopping.signal);
      } catch (error) {
        if (!stopping.signal.aborted) failed(error);
      }
      const signal = AbortSignal.any([wake.signal, stopping.signal]);
      await setTimeout(pauseMilliseconds, undefined, { signal }).catch(() => {}); // woken: only ever aborted
    }
  };
  const ended = run();
  return {
    nudge: () => wake.abort(),
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
