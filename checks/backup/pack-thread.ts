// The thread in which a backup is packed; see pack.ts. Its small heap is collected in no time, where that of a process with the AWS
// SDK is not, and nothing else of the process waits for its hashes and ciphers. Buffers go to and fro without being copied.
import { parentPort, workerData } from "node:worker_threads";
import { type Packed, packArchive, partsInFlight } from "./pack.ts";

/** To the thread: a buffer that was sent, or nothing more is wanted. */
export type ToThread = { buffer: ArrayBuffer } | { stop: true };
/** From the thread: a part, or what all of them are. */
export type FromThread = { buffer: ArrayBuffer; length: number; sha256: Uint8Array } | { packed: Packed };

const stopped = new AbortController();
const free: ArrayBuffer[] = [];
let waiting: (() => void) | undefined;
let sent = 0;

parentPort?.on("message", (message: ToThread) => {
  if ("stop" in message) stopped.abort(new Error("backup: stopped"));
  else {
    sent -= 1;
    free.push(message.buffer);
  }
  waiting?.();
});

async function bufferOf(bytes: number): Promise<ArrayBuffer> {
  while (sent >= partsInFlight(bytes)) {
    stopped.signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      waiting = resolve;
    });
  }
  const used = free.pop();
  return used?.byteLength === bytes ? used : new ArrayBuffer(bytes);
}

function post(message: FromThread, moved: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, moved);
}

const parts = packArchive(workerData, bufferOf, stopped.signal);
for (;;) {
  const next = await parts.next();
  if (next.done) {
    post({ packed: next.value });
    break;
  }
  const { bytes, sha256 } = next.value;
  sent += 1;
  post({ buffer: bytes.buffer, length: bytes.length, sha256 }, [bytes.buffer]);
}
// What was posted still goes out; the thread then ends by itself.
parentPort?.unref();
