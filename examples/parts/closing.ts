// How an HTTP server ends in a release: it lets nobody in any more, answers whoever it let in, and only then closes. Node's own
// close ends at once every connection on which no request is under way: also one that was accepted a moment ago and whose
// request is still on its way, and which no other process of a cluster will answer.
import { once } from "node:events";
import type { Server } from "node:http";
import { Server as NetServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

interface Limits {
  /** How long requests may still come on connections that were accepted. */
  momentMilliseconds: number;
  /** Whoever is not done by then is cut off: less than a process manager waits, as jobs are given back after this. */
  longestMilliseconds: number;
}

/** Resolves when no connection is left. */
export async function finishConnections(
  server: Server,
  { momentMilliseconds, longestMilliseconds }: Limits = {
    momentMilliseconds: 500,
    longestMilliseconds: 10_000,
  },
): Promise<void> {
  const closed = once(server, "close");
  // The part of the close that accepts no more, without the part that ends connections.
  NetServer.prototype.close.call(server);
  await Promise.race([closed, pause(momentMilliseconds)]);
  server.closeIdleConnections();
  // A connection whose answer had begun before the close stays open after it.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => server.closeAllConnections(), longestMilliseconds - momentMilliseconds);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}
