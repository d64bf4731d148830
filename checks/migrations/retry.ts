// Tries a file again that met a locked table. It was rolled back whole, so that the application's queries that queued up behind
// it could go on meanwhile.
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";
import { blockersOf } from "./blockers.ts";
import { jitter } from "./lock.ts";
import { FileFailure } from "./transaction.ts";

export interface RetryOptions {
  /** No attempt begins later than this after the first. */
  lockWaitSeconds: number;
  signal: AbortSignal;
  log(line: string): void;
}

const LOCK_NOT_AVAILABLE = "55P03";
const DEADLOCK_DETECTED = "40P01";
const PAUSE_MS = { first: 500, longest: 10_000 };

/** @throws the last attempt's failure */
export async function retryOnLock(
  client: Client,
  { lockWaitSeconds, signal, log }: RetryOptions,
  path: string,
  run: () => Promise<void>,
): Promise<void> {
  const deadline = performance.now() + lockWaitSeconds * 1000;
  for (let attempt = 0; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      const code = error instanceof FileFailure ? error.sqlState : undefined;
      const retriable = code === LOCK_NOT_AVAILABLE || code === DEADLOCK_DETECTED;
      const longest = Math.min(PAUSE_MS.longest, PAUSE_MS.first * 2 ** attempt);
      const waitMs = jitter(longest / 2, longest);
      if (!(error instanceof FileFailure) || !retriable || signal.aborted) throw error;
      const blockers = error.statement ? await blockersOf(client, error.statement) : "";
      if (performance.now() + waitMs > deadline) throw blockers ? error.because(blockers) : error;
      const reason =
        code === DEADLOCK_DETECTED ? "deadlock" : `table is locked${blockers ? `: ${blockers}` : ""}`;
      log(`${path}: ${reason}; tries again in ${(waitMs / 1000).toFixed(1)} s`);
      await pause(waitMs, undefined, { signal });
    }
  }
}
