// The application's settings, typed and in one place, read from its variables. Nothing else reads variables.
import { z } from "zod";
import { integer, readCommonSettings } from "../../parts/common-settings.ts";
import type { Variable, Variables } from "../../parts/environment.ts";

const variables = z.object({
  ENCRYPTION_KEY: z.string(),
  SMTP_HOST: z.string(),
  SMTP_PORT: integer(),
  SMTP_USER: z.string(),
  SMTP_PASSWORD: z.string(),
  MAIL_FROM_ADDRESS: z.string(),
  MAIL_FROM_NAME: z.string(),
  DISPATCH_INTERVAL_MILLISECONDS: integer(),
  MAINTENANCE_INTERVAL_MILLISECONDS: integer(),
});

export type Settings = ReturnType<typeof readSettings>;

/** @throws one error with a line for each variable that is missing or malformed. */
export function readSettings(definitions: readonly Variable[], given: Variables) {
  const shared = readCommonSettings(definitions, given);
  const read = variables.parse(given);
  return Object.freeze({
    ...shared,
    encryptionKey: read.ENCRYPTION_KEY,
    mail: {
      host: read.SMTP_HOST,
      port: read.SMTP_PORT,
      user: read.SMTP_USER,
      password: read.SMTP_PASSWORD,
      from: { name: read.MAIL_FROM_NAME, address: read.MAIL_FROM_ADDRESS },
    },
    dispatchMilliseconds: read.DISPATCH_INTERVAL_MILLISECONDS,
    maintenanceMilliseconds: read.MAINTENANCE_INTERVAL_MILLISECONDS,
  });
}
