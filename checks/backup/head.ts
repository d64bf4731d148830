// The head of an archive as a file: its table of contents and whatever came with it. pg_restore makes everything but the rows
// from it, with several jobs, so that the rows themselves need not lie on a disk.
import { open } from "node:fs/promises";
import { runTool } from "./tool.ts";

// What is tried first, and how much more the next time: the table of contents grows with the number of objects.
const FIRST_BYTES = 64 * 1024;
const GROWTH = 4;
const MOST_BYTES = 256 * 1024 * 1024;

export interface Head<End> {
  /** The archive's table of contents, one entry a line; or what pg_restore says where it is none. */
  contents: { entries: string[] } | { fault: unknown };
  /** What the archive's end returned, where the head is all of it. */
  end: IteratorReturnResult<End> | undefined;
}

/**
 * Takes from the archive, into the file, until `pg_restore` can list it, or it ends or gets too large before that.
 * @throws what the archive throws
 */
export async function takeHead<End>(
  archive: AsyncIterator<Buffer, End>,
  path: string,
  databaseUrl: string,
  signal: AbortSignal,
): Promise<Head<End>> {
  const file = await open(path, "wx", 0o600);
  try {
    let bytes = 0;
    let wanted = FIRST_BYTES;
    for (;;) {
      const next = await archive.next();
      if (!next.done) {
        await file.writeFile(next.value);
        bytes += next.value.length;
        if (bytes < wanted) continue;
      }
      try {
        const entries = await listArchive(path, databaseUrl, signal);
        return { contents: { entries }, end: next.done ? next : undefined };
      } catch (fault) {
        if (signal.aborted) throw fault;
        if (next.done) return { contents: { fault }, end: next };
        if (bytes >= MOST_BYTES) return { contents: { fault }, end: undefined };
        wanted = bytes * GROWTH;
      }
    }
  } finally {
    await file.close();
  }
}

async function listArchive(path: string, databaseUrl: string, signal: AbortSignal): Promise<string[]> {
  const text = await runTool({ program: "pg_restore", arguments: ["--list", path], databaseUrl, signal });
  return text.split("\n").filter((line) => line !== "" && !line.startsWith(";"));
}
