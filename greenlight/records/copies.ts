// Where this machine keeps copies of a stack's records: what the stack file says, for those who write records beside `up`.
import { resolve } from "node:path";
import { z } from "zod";
import { record } from "../../infra/settings/sections/record.ts";
import { sectionOf } from "../stack-file.ts";

/** The folder of all copies, absolute; those of a stack lie below it in `SYSTEM/STACK`. */
export function copiesFolder(
  directory: string,
  stack: string,
  environment: { [name: string]: string | undefined },
): string {
  const given = sectionOf({ directory, stack, environment }, "record", z.object({ copies: z.string() }));
  return resolve(directory, given?.copies ?? record().parse({}).copies);
}
