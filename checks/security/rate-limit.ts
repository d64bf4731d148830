// The rate limit, reached by a person of the check's own, so that nobody else's requests are used up.
import { setTimeout as pause } from "node:timers/promises";
import type { SecurityInputs } from "../security.ts";
import { type Observation, observe } from "../step/definition.ts";
import type { Client } from "./client.ts";

type Wanted = NonNullable<SecurityInputs["rateLimit"]>;

/** Observations `rate-limit` and, where asked, `rate-limit-recovers`. */
export async function judgeRateLimit(
  client: Client,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Observation[]> {
  const headers = await client.somebody();
  const started = performance.now();
  const statuses: number[] = [];
  let retryAfter: string | undefined;
  while (statuses.length <= wanted.requests && statuses.at(-1) !== 429) {
    const answer = await client.send(wanted.path, { headers });
    statuses.push(answer.status);
    retryAfter = answer.headers["retry-after"];
  }
  const limit = judgeStatuses(statuses, (performance.now() - started) / 1000, wanted);
  if (!wanted.recovers) return [limit];
  const seconds = Math.min(Number(retryAfter) || wanted.windowSeconds, wanted.windowSeconds);
  if (limit.result === "passed") await pause(seconds * 1000, undefined, { signal });
  const { status } = await client.send(wanted.path, { headers });
  const recovered = limit.result === "passed" && status >= 200 && status < 300;
  const observed = `status ${status} after ${seconds} s`;
  return [limit, observe("rate-limit-recovers", recovered, "let through again after the window", observed)];
}

/** @param statuses of the requests in order, at most one more than the limit */
export function judgeStatuses(statuses: number[], seconds: number, wanted: Wanted): Observation {
  const expected = `429 at request ${wanted.requests + 1} within ${wanted.windowSeconds} s, none before`;
  const first = statuses.indexOf(429) + 1;
  const failed = statuses
    .slice(0, wanted.requests)
    .find((status) => status !== 429 && (status < 200 || status > 299));
  if (failed !== undefined)
    return observe(
      "rate-limit",
      false,
      expected,
      `status ${failed} before the limit: the path must answer 2xx`,
    );
  // A limit that came after the window, or not at all in so long a time, says nothing about requests within it.
  if ((first === 0 || first === wanted.requests + 1) && seconds > wanted.windowSeconds) {
    const observed = `${statuses.length} requests took ${seconds.toFixed(1)} s, longer than the window`;
    return { id: "rate-limit", result: "inconclusive", expected, observed };
  }
  const observed = first === 0 ? `no 429 in ${statuses.length} requests` : `429 at request ${first}`;
  return observe(
    "rate-limit",
    first === wanted.requests + 1,
    expected,
    `${observed} in ${seconds.toFixed(1)} s`,
  );
}
