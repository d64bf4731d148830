// Encryption of values at rest under ENCRYPTION_KEY: AES-256-GCM, written as `v1:iv:tag:text` in base64url. The
// version leaves room for a second key, so that older values stay readable after a rotation.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/**
 * @param key any text of 32 characters or more; the cipher's key is derived from it.
 * @param system whose values they are: another system derives another key from the same text.
 */
export function createEncryption(key: string, system: string) {
  const derived = Buffer.from(hkdfSync("sha256", key, system, "values at rest", 32));
  return {
    encrypt(text: string): string {
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", derived, iv);
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return ["v1", ...[iv, cipher.getAuthTag(), sealed].map((part) => part.toString("base64url"))].join(":");
    },
    /** @throws when the value was changed or made with another key. */
    decrypt(value: string): string {
      const [version, ...parts] = value.split(":");
      const [iv, tag, sealed] = parts.map((part) => Buffer.from(part, "base64url"));
      if (version !== "v1" || !iv || !tag || !sealed)
        throw new Error("encrypted value: unknown form, want v1");
      const decipher = createDecipheriv("aes-256-gcm", derived, iv, { authTagLength: 16 });
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(sealed), decipher.final()]).toString("utf8");
    },
  };
}
