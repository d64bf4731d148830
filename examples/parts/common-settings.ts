// The variables that the shared parts need, by the names that systems without names of their own give them.
import { z } from "zod";
import { findFaults, type Variable, type Variables } from "./environment.ts";
import { levels } from "./log.ts";

const sizes: Record<string, number> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** A whole number in a variable. */
export const integer = () => z.string().transform(Number).pipe(z.int());

const common = z.object({
  APP_URL: z.url(),
  APP_ENVIRONMENT: z.string(),
  DATABASE_URL: z.string(),
  REDIS_URL: z.string().optional(),
  JWT_SECRET: z.string(),
  RATE_LIMIT_REQUESTS_PER_MINUTE: integer(),
  LOG_LEVEL: z.enum(levels),
  LOG_FILE: z.string(),
  LOG_MAX_SIZE: z.string(),
  LOG_MAX_FILES: integer(),
});

export type CommonSettings = ReturnType<typeof readCommonSettings>;

/**
 * Checks all variables by the rules of environment.yaml and gives the common ones their types.
 * @throws one error with a line for each variable that is missing or malformed.
 */
export function readCommonSettings(definitions: readonly Variable[], given: Variables) {
  const faults = findFaults(definitions, given);
  if (faults.length > 0) throw new Error(faults.join("\n"));
  const read = common.parse(given);
  return {
    appUrl: read.APP_URL,
    environment: read.APP_ENVIRONMENT,
    databaseUrl: read.DATABASE_URL,
    redisUrl: read.REDIS_URL,
    jwtSecret: read.JWT_SECRET,
    requestsPerMinute: read.RATE_LIMIT_REQUESTS_PER_MINUTE,
    log: {
      level: read.LOG_LEVEL,
      file: read.LOG_FILE,
      maxBytes: Number(read.LOG_MAX_SIZE.slice(0, -1)) * (sizes[read.LOG_MAX_SIZE.slice(-1)] ?? 1),
      maxFiles: read.LOG_MAX_FILES,
    },
    secrets: definitions.flatMap((one) => (one.secret && given[one.name] ? [given[one.name] ?? ""] : [])),
  };
}
