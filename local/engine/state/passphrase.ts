// Pulumi's passphrase secrets: AES-256-GCM under a key derived with PBKDF2 from the passphrase and a stack's salt.
// The same bytes as the official `passphrase` secrets provider. Knows nothing of files; see secrets.ts for values.
import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { Failure } from "./failure.ts";

const ITERATIONS = 1_000_000;
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const PROBE = "pulumi";

/** Encrypts and decrypts texts of one stack. */
export interface Crypter {
  /** `v1:<base64 salt>:<encrypted probe>`, as `encryptionsalt` in the stack file. */
  readonly salt: string;
  encrypt(plaintext: string): string;
  /** @throws Failure when the text was encrypted under another key or was altered. */
  decrypt(ciphertext: string): string;
}

/** The passphrase of the environment. @throws Failure when neither variable is set. */
export function readPassphrase(environment: NodeJS.ProcessEnv): string {
  const direct = environment.PULUMI_CONFIG_PASSPHRASE;
  if (direct !== undefined) return direct;
  const file = environment.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (file) {
    try {
      return readFileSync(file, "utf8").trim();
    } catch (error) {
      throw new Failure(`passphrase file "${file}": cannot be read; check PULUMI_CONFIG_PASSPHRASE_FILE`, 1, {
        cause: error,
      });
    }
  }
  throw new Failure(
    "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
  );
}

const derivations = new Map<string, Promise<Buffer>>();

function deriveKey(passphrase: string, saltBase64: string): Promise<Buffer> {
  const id = `${saltBase64}\0${passphrase}`;
  const running = derivations.get(id);
  if (running) return running;
  const derivation = promisify(pbkdf2)(
    passphrase,
    Buffer.from(saltBase64, "base64"),
    ITERATIONS,
    KEY_BYTES,
    "sha256",
  );
  derivations.set(id, derivation);
  return derivation;
}

/** Begins the derivation for a salt text, so that it runs beside whatever comes before `openCrypter`. */
export function startDerivation(salt: string, environment: NodeJS.ProcessEnv): void {
  const saltBase64 = salt.split(":")[1];
  const known = environment.PULUMI_CONFIG_PASSPHRASE ?? environment.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (saltBase64 && known !== undefined) {
    try {
      deriveKey(readPassphrase(environment), saltBase64).catch(() => undefined);
    } catch {
      // An unreadable passphrase file is reported by openCrypter, with the command that needed it.
    }
  }
}

/** The crypter of an existing stack. @throws Failure on a wrong passphrase or a malformed salt. */
export async function openCrypter(salt: string, environment: NodeJS.ProcessEnv): Promise<Crypter> {
  const [version, saltBase64, ...probe] = salt.split(":");
  if (version !== "v1" || !saltBase64 || probe.length !== 3) {
    throw new Failure("encryptionsalt: malformed, want v1:<salt>:<check>; restore it from version control");
  }
  const key = await deriveKey(readPassphrase(environment), saltBase64);
  const crypter = crypterOf(key, salt);
  let opened: string | undefined;
  try {
    opened = crypter.decrypt(probe.join(":"));
  } catch {
    opened = undefined;
  }
  if (opened !== PROBE) throw new Failure("incorrect passphrase");
  return crypter;
}

/** A crypter with a fresh salt, for a new stack. */
export async function createCrypter(environment: NodeJS.ProcessEnv): Promise<Crypter> {
  const saltBase64 = randomBytes(8).toString("base64");
  const key = await deriveKey(readPassphrase(environment), saltBase64);
  return crypterOf(key, `v1:${saltBase64}:${seal(key, PROBE)}`);
}

function crypterOf(key: Buffer, salt: string): Crypter {
  return {
    salt,
    encrypt: (plaintext) => seal(key, plaintext),
    decrypt: (ciphertext) => unseal(key, ciphertext),
  };
}

function seal(key: Buffer, plaintext: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const body = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${body.toString("base64")}`;
}

function unseal(key: Buffer, ciphertext: string): string {
  const [version, nonce, body] = ciphertext.split(":");
  const bytes = Buffer.from(body ?? "", "base64");
  if (version !== "v1" || !nonce || bytes.length < TAG_BYTES) {
    throw new Failure("secret: malformed ciphertext, want v1:<nonce>:<text>; restore the file it is in");
  }
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    const text = decipher.update(bytes.subarray(0, bytes.length - TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString("utf8");
  } catch (error) {
    throw new Failure(
      "secret: does not open with this stack's key; it was altered or encrypted for another stack",
      1,
      { cause: error },
    );
  }
}
