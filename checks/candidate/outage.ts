// A failure made on purpose: the copy lets nobody in and ends all sessions, so that the candidate alone has no database. It has to
// say so, answer in order, stay, and go on by itself when the database is back.
import type { CandidateInputs } from "../candidate.ts";
import { withDatabase } from "../database.ts";
import { attempt, type HttpAnswer } from "../http/request.ts";
import { type Observation, observe } from "../step/definition.ts";
import { waitUntil } from "../wait.ts";
import type { Candidate } from "./process.ts";

type Outage = NonNullable<CandidateInputs["outage"]>;
type Seen = HttpAnswer | { error: string };

export interface Drill {
  baseUrl: string;
  outage: Outage;
  /** Sent with the request. */
  token: string | undefined;
  candidate: Candidate;
}

/** @param serverUrl of a role that owns the copy and may end sessions; any database of the server but the copy */
export async function drillOutage(
  { baseUrl, outage, token, candidate }: Drill,
  serverUrl: string,
  copy: string,
  signal: AbortSignal,
): Promise<Observation[]> {
  const limits = { withinSeconds: outage.withinSeconds, everySeconds: 0.1, signal };
  const ask = (path: string, authorized: boolean): Promise<Seen> =>
    attempt({
      url: new URL(path, baseUrl).href,
      headers: authorized && token !== undefined ? { authorization: `Bearer ${token}` } : {},
      timeoutSeconds: 10,
      signal,
    });
  const health = () => ask(outage.healthPath, false);
  const request = () => ask(outage.requestPath, true);
  let told: { value: Seen; ready: boolean; seconds: number };
  let answered: Seen;
  await letIn(serverUrl, copy, false, signal);
  try {
    told = await waitUntil(health, (seen) => statusOf(seen) === outage.status, limits);
    answered = await request();
  } finally {
    // The step's time may be over: the copy is dropped with force in any case, but a candidate that goes on must be let in.
    await letIn(serverUrl, copy, true, signal.aborted ? AbortSignal.timeout(4_000) : signal);
  }
  const survived = candidate.runs();
  const recovered = await waitUntil(
    async () => [await health(), await request()] as const,
    ([one, other]) => statusOf(one) === 200 && isGood(other),
    limits,
  );
  return [
    observe(
      "outage-told",
      told.ready,
      `${outage.healthPath} answers ${outage.status} within ${outage.withinSeconds} s without its database`,
      `${shown(told.value)} after ${told.seconds.toFixed(1)} s`,
    ),
    observe(
      "outage-answered",
      isOrderlyError(answered),
      `${outage.requestPath} answers an error in JSON meanwhile, status 500 to 599`,
      shown(answered),
    ),
    observe(
      "outage-survived",
      survived,
      "the process stays alive without its database",
      survived ? "it runs" : `it ended: ${candidate.tail.slice(-3).join(" | ")}`,
    ),
    observe(
      "outage-recovered",
      recovered.ready,
      `${outage.healthPath} and ${outage.requestPath} answer well within ${outage.withinSeconds} s after the database is back`,
      `${recovered.value.map(shown).join(", ")} after ${recovered.seconds.toFixed(1)} s`,
    ),
  ];
}

async function letIn(serverUrl: string, copy: string, allowed: boolean, signal: AbortSignal): Promise<void> {
  await withDatabase(serverUrl, { application: "outage drill", signal }, async (admin) => {
    await admin.query(
      `alter database ${admin.escapeIdentifier(copy)} with allow_connections ${allowed ? "true" : "false"}`,
    );
    if (!allowed)
      await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [copy]);
  });
}

function statusOf(seen: Seen): number {
  return "error" in seen ? 0 : seen.status;
}

function isGood(seen: Seen): boolean {
  const status = statusOf(seen);
  return status >= 200 && status < 300;
}

function isOrderlyError(seen: Seen): boolean {
  if ("error" in seen) return false;
  return seen.status >= 500 && seen.status < 600 && typeof seen.json === "object" && seen.json !== null;
}

function shown(seen: Seen): string {
  if ("error" in seen) return seen.error;
  return `status ${seen.status}${seen.json === undefined ? ", no JSON" : " in JSON"}`;
}
