// A backup of a mixed database to S3, beside what people do by hand; and its restore.
import type { Services } from "../local/services/services.ts";

/** Placeholder until the backup step is in place. */
export async function benchBackup(
  _services: Services,
  _environment: { [name: string]: string },
  _rounds: number,
): Promise<string> {
  return "";
}
