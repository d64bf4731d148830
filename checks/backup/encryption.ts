// Encryption of a backup on this machine, before it leaves it: AES-256-GCM in chunks of 1 MiB, so that a stream of any size is
// sealed and opened in constant memory and a cut, reordered or altered object never opens.
//
// Object: header of 24 bytes ("GREENLB1", salt of 16 bytes), then chunks of at most 1 MiB + 16 bytes tag. Key of the object:
// HKDF-SHA256(key, salt, "greenlight backup"). Nonce of chunk n: n as 11 bytes big endian, then 1 for the last chunk, else 0.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

export const MAGIC = Buffer.from("GREENLB1");
const SALT_BYTES = 16;
const HEADER_BYTES = MAGIC.length + SALT_BYTES;
const CHUNK_BYTES = 1024 * 1024;
const TAG_BYTES = 16;

/** Seals a stream. `key` is secret text of high entropy, at least 32 characters. */
export async function* seal(source: AsyncIterable<Buffer>, key: string): AsyncGenerator<Buffer> {
  const salt = randomBytes(SALT_BYTES);
  const objectKey = deriveKey(key, salt);
  yield Buffer.concat([MAGIC, salt]);
  let index = 0;
  for await (const { bytes, last } of inChunks(source, CHUNK_BYTES)) {
    const cipher = createCipheriv("aes-256-gcm", objectKey, nonceOf(index++, last));
    yield cipher.update(bytes);
    cipher.final();
    yield cipher.getAuthTag();
  }
}

/** Opens what {@link seal} made. @throws when the key is another one, or a byte is missing, moved or altered */
export async function* open(source: AsyncIterable<Buffer>, key: string): AsyncGenerator<Buffer> {
  let objectKey: Buffer | undefined;
  let index = 0;
  for await (const { bytes, last } of inChunks(source, CHUNK_BYTES + TAG_BYTES, HEADER_BYTES)) {
    if (objectKey === undefined) {
      if (bytes.length < HEADER_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC) || last)
        throw new Error("backup object: no whole Greenlight backup; its first bytes are others");
      objectKey = deriveKey(key, bytes.subarray(MAGIC.length));
      continue;
    }
    const decipher = createDecipheriv("aes-256-gcm", objectKey, nonceOf(index, last));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    const opened = decipher.update(bytes.subarray(0, bytes.length - TAG_BYTES));
    try {
      decipher.final();
    } catch (error) {
      throw new Error(`backup object: chunk ${index} does not open: altered, cut off, or another key`, {
        cause: error,
      });
    }
    index += 1;
    yield opened;
  }
}

function deriveKey(key: string, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync("sha256", key, salt, "greenlight backup", 32));
}

function nonceOf(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index, 7);
  nonce.writeUInt8(last ? 1 : 0, 11);
  return nonce;
}

/**
 * The stream in chunks of exactly `size` bytes, the first of `firstSize`; the last, possibly shorter or empty, is marked.
 * All are views of one block: each must be used up before the next is asked for.
 */
async function* inChunks(source: AsyncIterable<Buffer>, size: number, firstSize = size) {
  const block = Buffer.allocUnsafe(Math.max(size, firstSize));
  let filled = 0;
  let wanted = firstSize;
  for await (const part of source) {
    for (let at = 0; at < part.length; ) {
      // Only a byte that comes after a full chunk shows that the chunk is not the last.
      if (filled === wanted) {
        yield { bytes: block.subarray(0, filled), last: false };
        filled = 0;
        wanted = size;
      }
      const copied = part.copy(block, filled, at, at + wanted - filled);
      at += copied;
      filled += copied;
    }
  }
  yield { bytes: block.subarray(0, filled), last: true };
}
