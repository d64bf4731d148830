// SSH signatures through OpenSSH's own `ssh-keygen -Y`: keys that people already have, verifiable offline.
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NAMESPACE } from "./statement.ts";

/** Each signature is a process of its own; those of many records or waivers wait for their turn. */
const AT_ONCE = 8;
let atWork = 0;
const waiting: (() => void)[] = [];

async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (atWork < AT_ONCE) atWork += 1;
  else await new Promise<void>((begin) => waiting.push(begin));
  try {
    return await work();
  } finally {
    // The place is handed on.
    const next = waiting.shift();
    if (next) next();
    else atWork -= 1;
  }
}

/** Who signs is in what is signed, in any spelling; OpenSSH's own name for it knows no spaces, commas and `!`. */
const PRINCIPAL = "signer";

/** A person who may sign, and with which public key, e.g. `ssh-ed25519 AAAA… ana`. */
export interface Signer {
  person: string;
  key: string;
}

/** Why the signature is of none of the keys, or undefined when it holds. */
export function verify(signers: Signer[], bytes: Buffer, signature: Buffer): Promise<string | undefined> {
  return inTurn(() => verifyNow(signers, bytes, signature));
}

async function verifyNow(signers: Signer[], bytes: Buffer, signature: Buffer): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "greenlight-verify-"));
  try {
    const allowed = join(folder, "allowed_signers");
    const file = join(folder, "signature");
    await writeFile(
      allowed,
      signers.map(({ key }) => `${PRINCIPAL} namespaces="${NAMESPACE}" ${key}\n`).join(""),
    );
    await writeFile(file, signature);
    const { code, text } = await sshKeygen(
      ["-Y", "verify", "-f", allowed, "-I", PRINCIPAL, "-n", NAMESPACE, "-s", file],
      bytes,
    );
    return code === 0 ? undefined : text.trim().split("\n").at(-1) || `ssh-keygen ended with code ${code}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Signs with the private key in a file, or with the agent when the file is a public key.
 * @throws with the words of ssh-keygen when it cannot.
 */
export async function sign(keyFile: string, bytes: Buffer): Promise<Buffer> {
  const { code, text, output } = await sshKeygen(["-Y", "sign", "-f", keyFile, "-n", NAMESPACE], bytes);
  if (code !== 0) throw new Error(`sign-off: ssh-keygen could not sign with ${keyFile}: ${text.trim()}`);
  return output;
}

function sshKeygen(
  args: string[],
  input: Buffer,
): Promise<{ code: number | null; text: string; output: Buffer }> {
  return new Promise((resolve, reject) => {
    const child = spawn("ssh-keygen", args, { stdio: ["pipe", "pipe", "pipe"] });
    const output: Buffer[] = [];
    let text = "";
    // One that could not be started, e.g. for want of file descriptors, has no streams.
    child.stdout?.on("data", (data: Buffer) => output.push(data));
    child.stderr?.on("data", (data: Buffer) => {
      text += data.toString();
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "ENOENT"
          ? new Error("sign-off: ssh-keygen is not on PATH; install OpenSSH", { cause: error })
          : error,
      );
    });
    child.on("close", (code) =>
      resolve({ code, text: text || Buffer.concat(output).toString(), output: Buffer.concat(output) }),
    );
    // It may have ended already, e.g. on an unreadable key; its exit code says so.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}
