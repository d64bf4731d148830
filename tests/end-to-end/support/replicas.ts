// An application of several processes that share a port, as pm2's cluster mode runs it: one that dies is started again.
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import type { Environment } from "./deployed-system.ts";
import type { Running } from "./fault.ts";

/**
 * Starts so many processes, one after the other, and waits until each says `ready`.
 * @param script its entry point, an absolute path
 */
export async function startReplicas(
  script: string,
  count: number,
  environment: Environment,
): Promise<Running> {
  const replicas = new Map<number, Worker>();
  let stopping = false;
  const start = async (instance: number): Promise<void> => {
    cluster.setupPrimary({ exec: script, silent: true });
    const replica = cluster.fork({ ...environment, NODE_APP_INSTANCE: String(instance) });
    replicas.set(instance, replica);
    replica.once("exit", () => {
      if (!stopping) start(instance).catch(() => {}); // that it stays away is for the checks to see
    });
    const ended = once(replica, "exit").then(() => {
      throw new Error(`replica ${instance} of ${script}: ended before it was ready`);
    });
    await Promise.race([once(replica, "message"), ended]);
    ended.catch(() => {});
  };
  const stop = async () => {
    stopping = true;
    const running = [...replicas.values()].filter((replica) => !replica.isDead());
    const ended = running.map((replica) => once(replica, "exit"));
    for (const { process } of running) process.kill("SIGTERM");
    await Promise.all(ended);
  };
  try {
    for (let instance = 0; instance < count; instance++) await start(instance);
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
