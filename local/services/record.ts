// The record of one set of services, services.json: ports, credentials, binaries and processes.
// It is the only place where the credentials of the local services are kept (mode 0600, in an ignored folder).

import { randomBytes } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { processRecord } from "./process-identity.ts";

/** The background processes of a set, in the order in which they are listed. */
export const serviceNames = ["postgresql", "valkey", "redis-tls", "aws", "sink"] as const;
export type ServiceName = (typeof serviceNames)[number];

const port = z.number().int().min(1).max(65_535);

/** How many ports a set keeps for applications besides `application`. */
export const APPLICATION_PORTS = 12;

const recordSchema = z.strictObject({
  version: z.literal(1),
  ports: z.strictObject({
    postgresql: port,
    valkey: port,
    "redis-tls": port,
    aws: port,
    smtp: port,
    sink: port,
    application: port,
  }),
  /** For the applications of further systems, in order. Chosen at a start; a record from before has none. */
  applicationPorts: z.array(port).max(APPLICATION_PORTS).default([]),
  credentials: z.strictObject({
    postgresqlPassword: z.string().min(1),
    redisToken: z.string().min(16),
    awsAccessKeyId: z.string().min(16),
    awsSecretAccessKey: z.string().min(16),
    smtpUser: z.string().min(1),
    smtpPassword: z.string().min(1),
  }),
  /** Folder of `postgres`, `pg_dump` and the other programs of the server. */
  postgresqlBin: z.string().optional(),
  /** Folder of the PostgreSQL data; outside of the set's folder where the server's user cannot reach that. */
  postgresqlFolder: z.string().optional(),
  processes: z.partialRecord(z.enum(serviceNames), processRecord),
});

export type ServicesRecord = z.infer<typeof recordSchema>;
export type PortName = keyof ServicesRecord["ports"];

/** The record in `file`, or undefined when there is none. @throws when it is not a record this version can read. */
export async function readRecord(file: string): Promise<ServicesRecord | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const parsed = recordSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const fault = parsed.error.issues[0];
  throw new Error(
    `services record "${file}": ${fault?.path.join(".") || "content"} is not valid; end the processes it names, then delete the folder`,
  );
}

/** Replaces the record at once: a reader sees the old or the new one. Only the holder of the lock calls it. */
export function writeRecord(file: string, record: ServicesRecord): void {
  mkdirSync(dirname(file), { recursive: true });
  const next = `${file}.new`;
  writeFileSync(next, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, file);
}

/** Fresh credentials; AWS keys have the form and length of real ones, so that clients accept them. */
export function newCredentials(): ServicesRecord["credentials"] {
  return {
    postgresqlPassword: token(24),
    redisToken: token(32),
    awsAccessKeyId: `AKIA${base32(16)}`,
    awsSecretAccessKey: token(30),
    smtpUser: "greenlight",
    smtpPassword: token(18),
  };
}

function token(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}

function base32(length: number): string {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return Array.from(randomBytes(length), (byte) => digits[byte % 32]).join("");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
