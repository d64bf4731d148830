// The AWS emulator with IAM enforced and state kept.
//
// Its state is written a second after each change, ten after telemetry, and at a clean stop: see python/emulator.py.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "./daemon.ts";
import { venvPython } from "./python.ts";
import type { ServicesRecord } from "./record.ts";
import { plainEnvironment } from "./tool.ts";

export const awsRegion = "us-east-1";
/** The emulator's account. */
export const awsAccountId = "123456789012";

export async function prepareAws(folder: string): Promise<void> {
  for (const name of ["state", "s3", "tmp"])
    await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
}

export function awsCommand(folder: string, record: ServicesRecord): Command {
  return {
    file: venvPython,
    args: [join(import.meta.dirname, "python", "emulator.py")],
    env: {
      ...plainEnvironment(),
      AUTH: "true",
      // The emulator's root caller. It knows that one by key alone and checks no signature of it, nor of "test" or an
      // account number as key; what IAM users and roles sign, and what they may do, is checked as on AWS.
      AWS_ACCESS_KEY_ID: record.credentials.awsAccessKeyId,
      AWS_SECRET_ACCESS_KEY: record.credentials.awsSecretAccessKey,
      BIND_HOST: "127.0.0.1",
      MINISTACK_HOST: "127.0.0.1",
      GATEWAY_PORT: String(record.ports.aws),
      MINISTACK_ACCOUNT_ID: awsAccountId,
      MINISTACK_REGION: awsRegion,
      IOT_MTLS_ENABLED: "0",
      SFTP_ENABLED: "0",
      PERSIST_STATE: "1",
      S3_PERSIST: "1",
      STATE_DIR: join(folder, "state"),
      S3_DATA_DIR: join(folder, "s3"),
      // ElastiCache endpoints name the TLS port.
      REDIS_HOST: "127.0.0.1",
      REDIS_PORT: String(record.ports["redis-tls"]),
      // At INFO it logs requests, which may hold secrets.
      LOG_LEVEL: "WARNING",
      // It writes a pid file into the temporary folder.
      TMPDIR: join(folder, "tmp"),
    },
    cwd: folder,
  };
}

/** The emulator's version once it answers, else undefined. */
export async function probeAws(port: number): Promise<string | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/_ministack/health`, {
      signal: AbortSignal.timeout(3000),
    });
    if (!response.ok) return undefined;
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null && "version" in body ? String(body.version) : "ready";
  } catch {
    return undefined; // refused, reset or late: not ready
  }
}
