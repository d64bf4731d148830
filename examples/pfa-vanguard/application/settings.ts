// The settings of backend and worker, typed and in one place, read from their variables. Nothing else reads variables.
import { z } from "zod";
import { integer, readCommonSettings } from "../../parts/common-settings.ts";
import type { Variable, Variables } from "../../parts/environment.ts";

const variables = z.object({
  PEMS_API_URL: z.url(),
  PEMS_API_KEY: z.string(),
  GEMINI_API_URL: z.url(),
  GEMINI_API_KEY: z.string(),
  SYNC_INTERVAL_MILLISECONDS: integer(),
  SYNC_MAX_ATTEMPTS: integer(),
});

export type Settings = ReturnType<typeof readSettings>;

/** @throws one error with a line for each variable that is missing or malformed. */
export function readSettings(definitions: readonly Variable[], given: Variables) {
  const shared = readCommonSettings(definitions, given);
  const read = variables.parse(given);
  return Object.freeze({
    ...shared,
    pems: { url: read.PEMS_API_URL, key: read.PEMS_API_KEY },
    gemini: { url: read.GEMINI_API_URL, key: read.GEMINI_API_KEY },
    sync: { intervalMilliseconds: read.SYNC_INTERVAL_MILLISECONDS, maxAttempts: read.SYNC_MAX_ATTEMPTS },
  });
}
