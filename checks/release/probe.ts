// A user's view of a release: one request every so often, each on a connection of its own and started on time whatever the
// earlier ones do, so that a hanging server is not asked less.
import { attempt } from "../http/request.ts";

export interface Sample {
  /** Seconds since the probe began, of the request's start. */
  at: number;
  /** Why it did not count as answered; absent when it was. */
  fault?: string;
}

export interface Downtime {
  requests: number;
  errors: number;
  /** Sum of the times from a first failed request to the next answered one. */
  downtimeSeconds: number;
  /** Whether the last request failed, too: how long it goes on is then not known. */
  downAtEnd: boolean;
  /** Of the first failed request. */
  firstFault?: string;
}

/** A running probe; `stop` makes a last request and waits for those under way. */
export interface Probe {
  stop(): Promise<Sample[]>;
}

export function startProbe(
  url: string,
  limits: {
    everySeconds: number;
    timeoutSeconds: number;
    signal: AbortSignal;
    headers?: { [name: string]: string };
  },
): Probe {
  const started = performance.now();
  const samples: Promise<Sample>[] = [];
  const take = () => {
    const at = (performance.now() - started) / 1000;
    const { timeoutSeconds, signal, headers = {} } = limits;
    const sample = attempt({ url, headers, timeoutSeconds, signal }).then(
      (answer) => ({ at, ...faultOf(answer) }),
      () => ({ at, fault: "stopped" }),
    );
    samples.push(sample);
  };
  take();
  const timer = setInterval(take, limits.everySeconds * 1000);
  return {
    async stop() {
      clearInterval(timer);
      take();
      return Promise.all(samples);
    },
  };
}

function faultOf(answer: Awaited<ReturnType<typeof attempt>>): { fault?: string } {
  if ("error" in answer) return { fault: answer.error };
  return answer.status >= 200 && answer.status < 400 ? {} : { fault: `status ${answer.status}` };
}

/** Times without an answer, from samples in the order of their starts. */
export function measureDowntime(samples: Sample[]): Downtime {
  let downtimeSeconds = 0;
  let downSince: number | undefined;
  for (const { at, fault } of samples) {
    if (fault !== undefined) downSince ??= at;
    else if (downSince !== undefined) {
      downtimeSeconds += at - downSince;
      downSince = undefined;
    }
  }
  const last = samples.at(-1);
  if (downSince !== undefined && last) downtimeSeconds += last.at - downSince;
  const failed = samples.filter(({ fault }) => fault !== undefined);
  return {
    requests: samples.length,
    errors: failed.length,
    downtimeSeconds: Math.round(downtimeSeconds * 1000) / 1000,
    downAtEnd: downSince !== undefined,
    firstFault: failed[0]?.fault,
  };
}
