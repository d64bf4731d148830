// Role passwords as PostgreSQL keeps them (SCRAM-SHA-256, RFC 5803). The server is sent this verifier, never the
// password, so that no statement log can hold it; the same verifier tells whether a password is still in force.

import { createHash, createHmac, pbkdf2 as pbkdf2Callback, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const pbkdf2 = promisify(pbkdf2Callback);
const ITERATIONS = 4096;
const SALT_BYTES = 16;
const VERIFIER = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)$/;

/** `SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>`; a value that is a verifier stays as it is. */
export async function verifierOf(password: string): Promise<string> {
  if (VERIFIER.test(password) || /^md5[0-9a-f]{32}$/.test(password)) return password;
  const salt = randomBytes(SALT_BYTES);
  const { storedKey, serverKey } = await keysOf(password, salt, ITERATIONS);
  const encoded = [salt, storedKey, serverKey].map((bytes) => bytes.toString("base64"));
  return `SCRAM-SHA-256$${ITERATIONS}:${encoded[0]}$${encoded[1]}:${encoded[2]}`;
}

/** Whether `password` is the one behind a verifier; undefined when the verifier is of a kind not understood. */
export async function matches(password: string, verifier: string): Promise<boolean | undefined> {
  if (password === verifier) return true;
  const parts = VERIFIER.exec(verifier);
  if (!parts) return undefined;
  const [, iterations = "", salt = "", stored = ""] = parts;
  const { storedKey } = await keysOf(password, Buffer.from(salt, "base64"), Number(iterations));
  const expected = Buffer.from(stored, "base64");
  return expected.length === storedKey.length && timingSafeEqual(expected, storedKey);
}

async function keysOf(password: string, salt: Buffer, iterations: number) {
  const salted = await pbkdf2(password.normalize("NFKC"), salt, iterations, 32, "sha256");
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  const storedKey = createHash("sha256").update(clientKey).digest();
  return { storedKey, serverKey: createHmac("sha256", salted).update("Server Key").digest() };
}
