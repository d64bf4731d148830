// Settings that every connection shares: nothing that is meant for peers who cannot be trusted, or are far away.
import type http2 from "node:http2";

const WINDOW_BYTES = 8 * 1024 * 1024;
const HEADER_BYTES = 16 * 1024 * 1024;

export const SESSION = {
  // Hundreds of registrations wait at once; none may be turned away for the memory that they take.
  maxSessionMemory: Number.MAX_SAFE_INTEGER,
  // A failure carries the state of its resource in a header.
  maxSendHeaderBlockLength: HEADER_BYTES,
  settings: { initialWindowSize: WINDOW_BYTES, maxHeaderListSize: HEADER_BYTES, enablePush: false },
} satisfies http2.SessionOptions;

/** Lets a large message come in without waiting for the receiver's word after each 64 KiB. */
export function widen(session: http2.Http2Session): void {
  session.setLocalWindowSize(WINDOW_BYTES);
}
