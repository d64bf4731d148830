// What gRPC wraps each message in: a mark for compression, the length, the bytes. One message a call, each way.
import { RpcError, STATUS } from "./status.ts";

/** Pulumi's limit for a message, both ways. */
export const LIMIT_BYTES = 400 * 1024 * 1024;
const PREFIX_BYTES = 5;

/** A message of the protocol; the generated classes are such. */
export interface Message {
  serializeBinary(): Uint8Array;
}

/** The class of a message, as far as reading one goes. */
export interface MessageType<Read> {
  deserializeBinary(bytes: Uint8Array): Read;
}

/** @throws RpcError when the message is larger than Pulumi allows */
export function framed(message: Message): Buffer {
  const bytes = message.serializeBinary();
  if (bytes.length > LIMIT_BYTES) throw tooLarge(bytes.length);
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + bytes.length);
  frame[0] = 0;
  frame.writeUInt32BE(bytes.length, 1);
  frame.set(bytes, PREFIX_BYTES);
  return frame;
}

/** Gathers the pieces of one message as they come. */
export class Inbox {
  readonly #pieces: Buffer[] = [];
  #size = 0;

  /** @throws RpcError when what is announced is larger than Pulumi allows */
  add(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size > LIMIT_BYTES + PREFIX_BYTES) throw tooLarge(this.#size);
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** @throws RpcError when the pieces are not exactly one message that is not compressed, or it cannot be read */
  read<Read>(type: MessageType<Read>): Read {
    const [first] = this.#pieces;
    const all = first && this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces);
    if (all.length < PREFIX_BYTES) throw malformed(`${all.length} bytes, want a message`);
    if (all[0] !== 0) throw new RpcError(STATUS.unimplemented, "compressed messages are not supported");
    const length = all.readUInt32BE(1);
    if (length !== all.length - PREFIX_BYTES) {
      throw malformed(`a message of ${all.length - PREFIX_BYTES} bytes, want ${length}`);
    }
    try {
      return type.deserializeBinary(all.subarray(PREFIX_BYTES));
    } catch (error) {
      throw malformed(error instanceof Error ? error.message : String(error));
    }
  }
}

function tooLarge(bytes: number): RpcError {
  return new RpcError(STATUS.resourceExhausted, `message of ${bytes} bytes, want at most ${LIMIT_BYTES}`);
}

function malformed(text: string): RpcError {
  return new RpcError(STATUS.internal, `malformed message: ${text}`);
}
