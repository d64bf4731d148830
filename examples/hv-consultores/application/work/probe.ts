// A job with a known duration and a known end: what checks put into the queue to see it work.
import { setTimeout } from "node:timers/promises";

export async function runProbe(
  payload: { duracion_ms: number; falla: boolean },
  signal: AbortSignal,
): Promise<{ duracion_ms: number }> {
  await setTimeout(payload.duracion_ms, undefined, { signal });
  if (payload.falla) throw new Error("asked to fail");
  return { duracion_ms: payload.duracion_ms };
}
