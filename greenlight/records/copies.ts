// Where this machine keeps copies of a stack's records: what the stack file says, for those who write records beside `up`.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { interpolate } from "../../infra/settings/interpolation.ts";
import { record } from "../../infra/settings/sections/record.ts";

/** The folder of all copies, absolute; those of a stack lie below it in `SYSTEM/STACK`. */
export function copiesFolder(
  directory: string,
  stack: string,
  environment: { [name: string]: string | undefined },
): string {
  const file = join(directory, `Pulumi.${stack}.yaml`);
  const section: unknown = existsSync(file)
    ? parse(readFileSync(file, "utf8"))?.config?.["greenlight:record"]
    : undefined;
  const given = z.object({ copies: z.string() }).safeParse(interpolate(section, environment).value);
  return resolve(directory, given.data?.copies ?? record().parse({}).copies);
}
