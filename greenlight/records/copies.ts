// Where this machine keeps copies of a stack's records: what the stack file says, for those who write records beside `up`.
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { inParallel } from "../../checks/in-parallel.ts";
import { readRecordText, type StoredRecord } from "../../checks/record/links.ts";
import { record } from "../../infra/settings/sections/record.ts";
import { sectionOf } from "../stack-file.ts";

const AT_ONCE = 16;

/** The folder of all copies, absolute; those of a stack lie below it in `SYSTEM/STACK`. */
export function copiesFolder(
  directory: string,
  stack: string,
  environment: { [name: string]: string | undefined },
): string {
  const given = sectionOf({ directory, stack, environment }, "record", z.object({ copies: z.string() }));
  return resolve(directory, given?.copies ?? record().parse({}).copies);
}

/** The copies of records in a folder, oldest first. @throws when there are none */
export async function readCopies(folder: string): Promise<StoredRecord[]> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`folder "${folder}": cannot be read (${error.code}), want one with copies of records`, {
      cause: error,
    });
  });
  const names = found.filter((name) => name.endsWith(".json")).sort();
  if (names.length === 0) throw new Error(`folder "${folder}": holds no record, want some`);
  // All at once could be more files than a process may open.
  return inParallel(names, AT_ONCE, async (name) =>
    readRecordText(name, await readFile(join(folder, name), "utf8")),
  );
}
