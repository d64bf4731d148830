// Polling to a deadline. A wait that runs out is an answer of its own ("late"), never mistaken for success.
import { setTimeout as pause } from "node:timers/promises";

/** The outcome of a wait: `value` is the last one seen, also when it came too late. */
export interface Waited<T> {
  ready: boolean;
  value: T;
  attempts: number;
  seconds: number;
}

export interface WaitLimits {
  withinSeconds: number;
  everySeconds: number;
  signal: AbortSignal;
  /** False when there is nothing to wait for any more: the look after that is the last one. */
  isWorthIt?: () => boolean;
}

/**
 * Repeats `look` until `isReady` says so or `withinSeconds` are over; looks at least once.
 * @throws what `look` throws, and the signal's reason when it aborts
 */
export async function waitUntil<T>(
  look: () => Promise<T>,
  isReady: (value: T) => boolean,
  limits: WaitLimits,
): Promise<Waited<T>> {
  const started = performance.now();
  const elapsedSeconds = () => (performance.now() - started) / 1000;
  for (let attempts = 1; ; attempts++) {
    limits.signal.throwIfAborted();
    const isLast = limits.isWorthIt?.() === false;
    const value = await look();
    const ready = isReady(value);
    const seconds = elapsedSeconds();
    if (ready || isLast || seconds + limits.everySeconds > limits.withinSeconds)
      return { ready, value, attempts, seconds };
    await pause(limits.everySeconds * 1000, undefined, { signal: limits.signal });
  }
}
