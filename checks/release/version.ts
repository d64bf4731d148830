// Which version answers, and on how many instances: each look is a new connection, as a load balancer spreads them.
import { valueAt } from "../http/json-path.ts";
import { attempt } from "../http/request.ts";
import { type WaitLimits, waitUntil } from "../wait.ts";

export interface VersionSource {
  versionUrl: string;
  /** JSON path to the version in the answer. */
  versionPath: string;
  /** JSON path to what tells instances apart; needed for more than one. */
  instancePath: string;
}

export interface Seen {
  version?: string;
  instance: string;
  /** Why there is no version. */
  fault?: string;
}

export async function readVersion(source: VersionSource, signal: AbortSignal): Promise<Seen> {
  const answer = await attempt({ url: source.versionUrl, timeoutSeconds: 5, signal });
  if ("error" in answer) return { instance: "", fault: answer.error };
  if (answer.status !== 200) return { instance: "", fault: `status ${answer.status}` };
  const version = valueAt(answer.json, source.versionPath);
  if (typeof version !== "string") return { instance: "", fault: `no text at ${source.versionPath}` };
  return { version, instance: String(valueAt(answer.json, source.instancePath) ?? "") };
}

export interface Rollout {
  complete: boolean;
  /** Instances that answered with the wanted version last. */
  updated: number;
  /** What the last looks saw that was not the wanted version. */
  others: string[];
  seconds: number;
}

/**
 * Waits until the wanted number of instances answer with the version, and for a while nothing else does: an old instance
 * still behind the balancer must not be missed.
 */
export async function waitForVersion(
  source: VersionSource,
  wanted: { version: string; instances: number } & Omit<WaitLimits, "everySeconds">,
): Promise<Rollout> {
  const quietLooks = Math.max(5, wanted.instances * 5);
  const latest: Seen[] = [];
  const waited = await waitUntil(
    async () => {
      latest.push(await readVersion(source, wanted.signal));
      if (latest.length > quietLooks) latest.shift();
      return summarize(latest, wanted.version);
    },
    ({ updated, others }) =>
      latest.length === quietLooks && others.length === 0 && updated >= wanted.instances,
    { ...wanted, everySeconds: 0.1 },
  );
  return { complete: waited.ready, ...waited.value, seconds: waited.seconds };
}

function summarize(latest: Seen[], version: string): { updated: number; others: string[] } {
  const updated = new Set(latest.filter((seen) => seen.version === version).map((seen) => seen.instance));
  const others = latest
    .filter((seen) => seen.version !== version)
    .map((seen) => (seen.version === undefined ? (seen.fault ?? "no version") : `version ${seen.version}`));
  return { updated: updated.size, others: [...new Set(others)] };
}
