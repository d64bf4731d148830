// Polling for a state that a service reaches in its own time.

import { setTimeout as pause } from "node:timers/promises";

/**
 * Calls `probe` until it answers something other than undefined.
 * @throws after `timeoutSeconds`, naming `what`
 */
export async function waitFor<T>(
  what: string,
  timeoutSeconds: number,
  probe: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + timeoutSeconds * 1000;
  for (let delayMilliseconds = 50; ; delayMilliseconds = Math.min(delayMilliseconds * 2, 2000)) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not reached within ${timeoutSeconds} s`);
    await pause(delayMilliseconds);
  }
}
