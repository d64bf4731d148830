// The tags of a stack, in the file that the official command keeps beside its state.
import { readOptional, writeAtomically } from "../state/atomic-file.ts";
import { stackPaths } from "../state/backend.ts";
import { Failure } from "../state/failure.ts";
import type { StackContext } from "./context.ts";

/** Tag names to values. @throws Failure when the file is damaged. */
export async function readTags({ backend, reference }: StackContext): Promise<{ [name: string]: string }> {
  const path = stackPaths(backend, reference).tags;
  const text = await readOptional(path);
  if (text === undefined) return {};
  try {
    const { tags } = JSON.parse(text);
    return tags ?? {};
  } catch (error) {
    throw new Failure(`tags "${path}": not a whole JSON document; remove it`, 1, { cause: error });
  }
}

/** Replaces all tags. */
export async function writeTags(
  { backend, reference }: StackContext,
  tags: { [name: string]: string },
): Promise<void> {
  await writeAtomically(stackPaths(backend, reference).tags, JSON.stringify({ version: 1, tags }));
}
