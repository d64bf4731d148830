// Polling to a deadline.

import { setTimeout as delay } from "node:timers/promises";

/**
 * Polls `probe` until it returns something other than undefined.
 * @throws `onTimeout()` when `timeoutSeconds` pass first.
 */
export async function waitUntil<T>(
  probe: () => Promise<T | undefined>,
  timeoutSeconds: number,
  onTimeout: () => Promise<Error> | Error,
): Promise<T> {
  const deadline = performance.now() + timeoutSeconds * 1000;
  for (let pause = 10; ; pause = Math.min(pause * 1.5, 250)) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw await onTimeout();
    await delay(pause);
  }
}
