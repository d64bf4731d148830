// The archive as what is uploaded: pg_dump on an exported snapshot, compressed, optionally sealed, cut into parts, each hashed.
// Nothing touches a disk, and memory does not depend on the size. Runs in a thread of its own; see pack-thread.ts.
import { createHash } from "node:crypto";
import { inBlocks } from "./blocks.ts";
import { compressed } from "./compression.ts";
import { seal } from "./encryption.ts";
import { startTool } from "./tool.ts";

const MIB = 1024 * 1024;
const MAXIMUM_PARTS = 10_000;

export interface PackPlan {
  databaseUrl: string;
  /** Name from pg_export_snapshot(): the dump sees exactly what that transaction sees. */
  snapshot: string;
  /** Seals the stream with this key when given. */
  encryptionKey?: string | undefined;
}

/** What is uploaded at once. */
export interface Part {
  bytes: Buffer<ArrayBuffer>;
  sha256: Uint8Array;
}

export interface Packed {
  /** Size of pg_dump's archive before compression. */
  archiveBytes: number;
  sizeBytes: number;
  /** Of the whole object, lower case hex. */
  sha256: string;
}

/**
 * The parts in order.
 * @param bufferOf gives a buffer of this many bytes to fill; waits while too many are still being sent
 * @throws when any part of it fails
 */
export async function* packArchive(
  plan: PackPlan,
  bufferOf: (bytes: number) => Promise<ArrayBuffer>,
  signal: AbortSignal,
): AsyncGenerator<Part, Packed> {
  // A failure of one end stops the other one.
  const failure = new AbortController();
  const dump = startTool({
    program: "pg_dump",
    arguments: ["--format=custom", "--compress=0", `--snapshot=${plan.snapshot}`, "--lock-wait-timeout=60s"],
    databaseUrl: plan.databaseUrl,
    writesMuch: true,
    settings: { statement_timeout: "0", idle_in_transaction_session_timeout: "0" },
    signal: AbortSignal.any([signal, failure.signal]),
  });
  // Awaited below; until then a failure must only not go unhandled.
  dump.finished.catch(() => undefined);
  let archiveBytes = 0;
  // The archive is complete only when pg_dump has said so.
  const archive = async function* () {
    for await (const chunk of dump.stdout) {
      const bytes: Buffer = chunk;
      archiveBytes += bytes.length;
      yield bytes;
    }
    await dump.finished;
  };
  try {
    const frames = compressed(archive());
    const packed = plan.encryptionKey === undefined ? frames : seal(frames, plan.encryptionKey);
    const whole = createHash("sha256");
    let sizeBytes = 0;
    for await (const bytes of inParts(packed, bufferOf)) {
      whole.update(bytes);
      sizeBytes += bytes.length;
      yield { bytes, sha256: createHash("sha256").update(bytes).digest() };
    }
    return { archiveBytes, sizeBytes, sha256: whole.digest("hex") };
  } finally {
    failure.abort(new Error("backup: ended"));
    await dump.finished.catch(() => undefined);
  }
}

/** How many parts of this size may be on their way. */
export function partsInFlight(bytes: number): number {
  return bytes > 16 * MIB ? 1 : 3;
}

/** Small parts first, larger ones later: 10,000 parts reach 432 GiB while few bytes are held at any time. */
function partBytes(number: number): number {
  if (number <= 2_000) return 8 * MIB;
  return (number <= 4_000 ? 16 : 64) * MIB;
}

/** Each part in a buffer of its own, as it is being sent while the next one is filled. */
async function* inParts(
  source: AsyncIterable<Buffer>,
  bufferOf: (bytes: number) => Promise<ArrayBuffer>,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  let parts = 0;
  const blocks = inBlocks(source, async (number) => {
    if (number > MAXIMUM_PARTS)
      throw new Error("backup: larger than 432 GiB compressed; use storage snapshots");
    return Buffer.from(await bufferOf(partBytes(number)));
  });
  for await (const part of blocks) {
    parts += 1;
    yield part;
  }
  // S3 wants at least one part, also of an empty stream.
  if (parts === 0) yield Buffer.from(new ArrayBuffer(0));
}
