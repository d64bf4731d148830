// The two APIs of others that PFA Vanguard calls: PEMS, which holds the plan's other copy, and Gemini. Keys are never in a
// message.
import { z } from "zod";
import type { Settings } from "./settings.ts";

/** What PEMS holds of a record. */
const remote = z.object({ version: z.int(), payload: z.record(z.string(), z.unknown()) });
export type Remote = z.infer<typeof remote>;

export type Written = { result: "written"; remote: Remote } | { result: "conflict"; remote: Remote };

/**
 * Writes a record whose version in PEMS must be `baseVersion`.
 * @throws when PEMS does not answer 200 or 409 with what it holds.
 */
export async function writeRecord(
  settings: Settings["pems"],
  record: { id: string; baseVersion: number; payload: unknown },
  signal: AbortSignal,
): Promise<Written> {
  const response = await fetch(new URL(`/api/records/${record.id}`, settings.url), {
    method: "PUT",
    headers: { authorization: `Bearer ${settings.key}`, "content-type": "application/json" },
    body: JSON.stringify({ base_version: record.baseVersion, payload: record.payload }),
    redirect: "error",
    signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
  });
  if (response.status !== 200 && response.status !== 409) {
    await response.body?.cancel();
    throw new Error(`pems: answered ${response.status}, want 200 or 409`);
  }
  const found = remote.parse(await response.json());
  return { result: response.status === 200 ? "written" : "conflict", remote: found };
}

/** Whether each API accepts its key. */
export async function probeKeys(settings: Settings): Promise<{ pems: boolean; gemini: boolean }> {
  const ask = async (url: URL, headers: Record<string, string>) => {
    try {
      const response = await fetch(url, { headers, redirect: "error", signal: AbortSignal.timeout(5_000) });
      await response.body?.cancel();
      return response.status === 200;
    } catch {
      return false; // not reached: no key is known to be good
    }
  };
  const [pems, gemini] = await Promise.all([
    ask(new URL("/api/session", settings.pems.url), { authorization: `Bearer ${settings.pems.key}` }),
    ask(new URL("/v1beta/models", settings.gemini.url), { "x-goog-api-key": settings.gemini.key }),
  ]);
  return { pems, gemini };
}
