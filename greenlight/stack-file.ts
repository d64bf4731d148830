// Sections of a stack's file as its settings say them, for commands that need one without running the program.
import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import type { z } from "zod";
import { interpolate } from "../infra/settings/interpolation.ts";
import { stackFilePath } from "../infra/settings/stack-file-path.ts";

/** Where the file is, and what its `${NAMES}` stand for. */
export interface StackFile {
  /** Folder of Pulumi.yaml. */
  directory: string;
  stack: string;
  environment: { [name: string]: string | undefined };
}

/**
 * The section `greenlight:NAME`; undefined when the file has none that the schema takes: what is wrong with it the
 * program says, with its line.
 */
export function sectionOf<Schema extends z.ZodType>(
  { directory, stack, environment }: StackFile,
  name: string,
  schema: Schema,
): z.output<Schema> | undefined {
  const file = stackFilePath(directory, stack);
  const section: unknown = existsSync(file)
    ? parse(readFileSync(file, "utf8"))?.config?.[`greenlight:${name}`]
    : undefined;
  return schema.safeParse(interpolate(section, environment).value).data;
}
