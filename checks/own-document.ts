// A document that a program of this project wrote for a later run: a file, an object, an entry of a database.
import type { z } from "zod";
import { jsonOf } from "./json-of.ts";

/**
 * What it says.
 * @param name where it lies, e.g. `rollback/session.json`
 * @param fix what to do where somebody else wrote it, or only half of it is there
 * @throws with both where it is no JSON, or is of another form
 */
export function readOwn<Content>(
  schema: z.ZodType<Content>,
  text: string,
  name: string,
  fix: string,
): Content {
  // Text that is no JSON is of no form.
  const read = schema.safeParse(jsonOf(text));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue?.path.join(".") || "the whole";
  throw new Error(`${name}: ${place}: ${issue?.message}; it is damaged, or not ours; ${fix}`);
}
