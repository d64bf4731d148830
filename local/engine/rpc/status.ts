// How a call ends: gRPC's codes, those of them that occur here, and an error that carries one. Also their text on the
// wire, which headers carry percent-encoded.

export const STATUS = {
  ok: 0,
  unknown: 2,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
} as const;

/** A call that did not end well. The message is the other side's own text. */
export class RpcError extends Error {
  readonly code: number;
  /** A packed `google.rpc.Status` with more about it. */
  readonly details: Uint8Array | undefined;

  constructor(code: number, message: string, details?: Uint8Array) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** Text as the header `grpc-message` carries it: printable ASCII, the rest as percent-encoded UTF-8. */
export function encodeMessage(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^ -$&-~]+/g, (part) =>
      [...Buffer.from(part)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
    );
}

/** The text of a `grpc-message`; what is not properly encoded stays as it came. */
export function decodeMessage(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    return header;
  }
}
