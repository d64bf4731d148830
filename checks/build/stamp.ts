// `build.json` beside the reports: of which contents they are, when they were made, and how each command ended. A pipeline that
// makes the reports itself writes the same file.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const stamp = () =>
  z.object({
    /** Digest of the contents, as the step computes it. */
    contents: z.string(),
    /** What was run, so that other commands make other reports. */
    commands: z.string().default(""),
    /** When the step began to run the tools; a report that one of them writes beside its own is not older. */
    startedAt: z.iso.datetime({ offset: true }).optional(),
    finishedAt: z.iso.datetime({ offset: true }),
    exitCodes: z.record(z.string(), z.int()).default({}),
  });
export type Stamp = z.output<ReturnType<typeof stamp>>;

export const STAMP = "build.json";

/** Undefined when there is none, or none that can be read. */
export function readStamp(directory: string): Stamp | undefined {
  try {
    return stamp().safeParse(JSON.parse(readFileSync(join(directory, STAMP), "utf8"))).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
