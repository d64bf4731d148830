// The application's settings, typed and in one place, read from its variables. Nothing else reads variables.
import { z } from "zod";
import { findFaults, type Variable, type Variables } from "../../parts/environment.ts";

const integer = () => z.string().transform(Number).pipe(z.int());

const variables = z.object({
  APP_URL: z.url(),
  DATABASE_URL: z.string(),
  REDIS_HOST: z.string(),
  REDIS_PORT: integer(),
  REDIS_PASSWORD: z.string(),
  JWT_SECRET: z.string(),
  RATE_LIMIT_REQUESTS_PER_MINUTE: integer(),
  WHATSAPP_APP_SECRET: z.string(),
  WHATSAPP_VERIFY_TOKEN: z.string(),
  LOG_LEVEL: z.enum(["info", "warn", "error"]),
});

export type Settings = ReturnType<typeof readSettings>;

/**
 * Checks the variables against environment.yaml and gives them their types.
 * @throws one error with a line for each variable that is missing or malformed.
 */
export function readSettings(definitions: readonly Variable[], given: Variables) {
  const faults = findFaults(definitions, given);
  if (faults.length > 0) throw new Error(faults.join("\n"));
  const read = variables.parse(given);
  return Object.freeze({
    appUrl: read.APP_URL,
    databaseUrl: read.DATABASE_URL,
    // Always over TLS: the password would otherwise cross the network as it is.
    redisUrl: `rediss://:${encodeURIComponent(read.REDIS_PASSWORD)}@${read.REDIS_HOST}:${read.REDIS_PORT}`,
    jwtSecret: read.JWT_SECRET,
    requestsPerMinute: read.RATE_LIMIT_REQUESTS_PER_MINUTE,
    whatsapp: { appSecret: read.WHATSAPP_APP_SECRET, verifyToken: read.WHATSAPP_VERIFY_TOKEN },
    logLevel: read.LOG_LEVEL,
    secrets: definitions.flatMap((one) => (one.secret && given[one.name] ? [given[one.name] ?? ""] : [])),
  });
}
