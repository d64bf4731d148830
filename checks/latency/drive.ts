// Requests at a constant rate, sent when they are due whether or not earlier ones were answered, and timed from when they were due:
// a server that stalls is charged for every request that would have come meanwhile (no coordinated omission). Runs in a thread of
// its own, so that nothing else of the process delays a request or the clock's reading.
import { type ClientRequest, Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import type { Socket } from "node:net";
import { percentDecoded } from "../percent-encoding.ts";

/** What is sent, how fast, for how long. */
export interface DrivePlan {
  url: string;
  method: string;
  /** Sent in turn, e.g. one person's token each. */
  headers: { [name: string]: string }[];
  body?: string | undefined;
  perSecond: number;
  seconds: number;
  /** Before the measurement, at the same rate; not counted. */
  warmUpSeconds: number;
  timeoutSeconds: number;
  /** More unanswered requests than this fail at once instead of being sent. */
  maximumInFlight: number;
  /** Statuses that are good, as first and last. */
  status: [number, number];
  /** Ends the run as soon as it cannot be kept any more. */
  abort: {
    /** So many requests may fail. */
    failures: number;
    /** So many may take longer than the milliseconds. */
    slow: { milliseconds: number; allowed: number }[];
  };
}

/** What was seen. Times in milliseconds. */
export interface Driven {
  /** From when each request was due to the end of its answer, ascending; requests without an answer in time count with their time. */
  milliseconds: Float64Array;
  planned: number;
  sent: number;
  /** Number by cause. */
  failures: { [cause: string]: number };
  /** How late requests were sent, ascending: of the driver itself, not of the server. */
  lagMilliseconds: Float64Array;
  /** From the first due time to the last answer. */
  seconds: number;
  /** Why the run ended before its time. */
  aborted: string | undefined;
}

// Timers are late by up to a millisecond and more: a wait ends so long before it is over, and its rest goes round the event loop. That
// is also when the request is made ready, with its connection: what that takes is none of the server's. No earlier, since a server may
// close a connection that waits.
const READY_MILLISECONDS = 2;

/** @throws nothing of the network: what cannot be reached is a failure of each request */
export async function drive(plan: DrivePlan): Promise<Driven> {
  const send = sender(plan);
  try {
    if (plan.warmUpSeconds > 0) await phase(plan, plan.warmUpSeconds, send, false);
    return await phase(plan, plan.seconds, send, true);
  } finally {
    send.close();
  }
}

async function phase(plan: DrivePlan, seconds: number, send: Sender, mayAbort: boolean): Promise<Driven> {
  const planned = Math.max(1, Math.round(plan.perSecond * seconds));
  const durations = new Float64Array(planned);
  const lags = new Float64Array(planned);
  const failures: { [cause: string]: number } = {};
  const slow = plan.abort.slow.map(() => 0);
  let answered = 0;
  let failed = 0;
  let sent = 0;
  let inFlight = 0;
  let aborted: string | undefined;
  let dropped = 0;
  let lastAt = 0;
  const finished = Promise.withResolvers<void>();
  const began = performance.now() + 1;

  const settle = (due: number, at: number, cause: string | undefined, counted: boolean) => {
    // Cut off by the end of the run: nothing is known of it.
    if (aborted !== undefined) {
      dropped += 1;
      return;
    }
    lastAt = Math.max(lastAt, at);
    if (counted) {
      const took = at - due;
      durations[answered++] = took;
      for (const [index, { milliseconds, allowed }] of plan.abort.slow.entries()) {
        if (took <= milliseconds) continue;
        const over = (slow[index] ?? 0) + 1;
        slow[index] = over;
        if (mayAbort && sent < planned && over > allowed)
          aborted ??= `${over} of ${planned} requests over ${milliseconds} ms, at most ${allowed} may be`;
      }
    }
    if (cause === undefined) return;
    failures[cause] = (failures[cause] ?? 0) + 1;
    failed += 1;
    if (mayAbort && sent < planned && failed > plan.abort.failures)
      aborted ??= `${failed} of ${planned} requests failed, at most ${plan.abort.failures} may`;
  };

  for (let index = 0; index < planned && aborted === undefined; index++) {
    const due = began + (index * 1000) / plan.perSecond;
    await untilNear(due);
    if (aborted !== undefined) break;
    const full = inFlight >= plan.maximumInFlight;
    const request = full
      ? undefined
      : send.ready(index, (at, cause, counted) => {
          settle(due, at, cause, counted);
          inFlight -= 1;
          if (inFlight === 0 && (sent === planned || aborted !== undefined)) finished.resolve();
        });
    if (!full) inFlight += 1;
    await until(due);
    const now = performance.now();
    lags[sent++] = now - due;
    if (request) request.go();
    else settle(due, now, `not sent: ${plan.maximumInFlight} requests without an answer`, false);
  }
  if (aborted !== undefined) send.close();
  if (inFlight > 0) await finished.promise;
  return {
    milliseconds: durations.subarray(0, answered).slice().sort(),
    planned,
    sent: sent - dropped,
    failures,
    lagMilliseconds: lags.subarray(0, sent).slice().sort(),
    seconds: Math.max(lastAt - began, 1) / 1000,
    aborted,
  };
}

/** Returns about as long before as timers are late. */
async function untilNear(due: number): Promise<void> {
  const wait = Math.floor(due - performance.now() - READY_MILLISECONDS);
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
}

async function until(due: number): Promise<void> {
  while (performance.now() < due) await new Promise((resolve) => setImmediate(resolve));
}

type Settled = (at: number, cause: string | undefined, counted: boolean) => void;

interface Sender {
  /** A request that is sent when it is told to go. */
  ready(index: number, settled: Settled): { go(): void };
  close(): void;
}

/** Connections are kept and as many as there are unanswered requests: a slow answer never holds up the next request. */
function sender(plan: DrivePlan): Sender {
  const url = new URL(plan.url);
  const secure = url.protocol === "https:";
  const options = {
    keepAlive: true,
    maxSockets: Number.POSITIVE_INFINITY,
    maxFreeSockets: 10_000,
    noDelay: true,
  };
  const agent = secure ? new TlsAgent(options) : new PlainAgent(options);
  const start = secure ? tlsRequest : plainRequest;
  const body = plan.body === undefined ? undefined : Buffer.from(plan.body);
  const length = body === undefined ? {} : { "content-length": String(body.length) };
  // Built once: what is done for each request between its time and its first byte counts as the server's.
  const auth = [url.username, url.password].map((part) => percentDecoded(part) ?? part).join(":");
  const variants = plan.headers.map((headers) => ({
    ...(url.username === "" ? {} : { auth }),
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port || (secure ? 443 : 80),
    path: `${url.pathname}${url.search}`,
    method: plan.method,
    headers: { host: url.host, "user-agent": "greenlight", ...headers, ...length },
    agent,
  }));
  const arrived = arrivals();
  return {
    ready(index, settled) {
      const variant = variants[index % variants.length];
      if (variant === undefined) throw new Error("latency: no headers to send");
      let done = false;
      let timer: NodeJS.Timeout | undefined;
      const end = (cause: string | undefined, counted: boolean, at = performance.now()) => {
        if (done) return;
        done = true;
        clearTimeout(timer);
        settled(at, cause, counted);
      };
      const outgoing = start(variant, (answer) => {
        const status = answer.statusCode ?? 0;
        const good = status >= plan.status[0] && status <= plan.status[1];
        answer.resume();
        answer.on("end", () =>
          end(good ? undefined : `status ${status}`, true, arrived.lastAt(answer.socket)),
        );
        answer.on("error", (error) => end(error.message, false));
      });
      arrived.watch(outgoing);
      outgoing.on("error", (error) => end(reasonOf(error), false));
      return {
        go() {
          // It failed before it was due: nothing is to be sent.
          if (done) return;
          timer = setTimeout(() => {
            end(`no answer within ${plan.timeoutSeconds} s`, true);
            outgoing.destroy();
          }, plan.timeoutSeconds * 1000);
          outgoing.end(body);
        },
      };
    },
    close: () => agent.destroy(),
  };
}

/** When the newest bytes came over each connection: before they are parsed, which is none of the server's. */
function arrivals() {
  const newest = new WeakMap<Socket, { at: number }>();
  return {
    watch(request: ClientRequest): void {
      request.on("socket", (socket) => {
        if (newest.has(socket)) return;
        const last = { at: performance.now() };
        newest.set(socket, last);
        socket.prependListener("data", () => {
          last.at = performance.now();
        });
      });
    },
    lastAt: (socket: Socket): number | undefined => newest.get(socket)?.at,
  };
}

function reasonOf(error: Error): string {
  return error instanceof AggregateError ? String(error.errors[0]?.message ?? error.message) : error.message;
}
