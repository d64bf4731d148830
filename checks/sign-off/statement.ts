// What a person signs: a decision on exactly one thing that would be deployed.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";

/** The namespace of the SSH signature, so that a signature made for something else does not count here. */
export const NAMESPACE = "greenlight-sign-off";

const statement = () =>
  z.strictObject({
    format: z.literal(1),
    system: z.string().min(1),
    stack: z.string().min(1),
    release: z.string().min(1),
    /** `before`: may this be deployed? `after`: is what was deployed accepted? */
    phase: z.enum(["before", "after"]),
    /** SHA-256 of everything that will be deployed, see the gate's plan. */
    subject: z.string().regex(/^[0-9a-f]{64}$/),
    role: z.string().min(1),
    /** Who signs, as listed with a key in the stack's settings, e.g. `ana@example.com`. */
    person: z.string().min(1),
    decision: z.enum(["go", "no-go"]),
    comment: z.string().max(2000).optional(),
    signedAt: z.iso.datetime(),
  });

export type Statement = z.output<ReturnType<typeof statement>>;

/** The bytes that are signed. */
export function bytesOf(signed: Statement): Buffer {
  return Buffer.from(canonicalJson(signed));
}

/** `<release>.<phase>.<role>.<person>.json`, safe on every file system. */
export function fileNameOf({ release, phase, role, person }: Statement): string {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9.@+-]+/g, "-");
  return `${[release, phase, role, person].map(plain).join("_")}.json`;
}

/** A statement with its signature as found on disk; `fault` says why it cannot count. */
export interface Found {
  file: string;
  statement?: Statement;
  signature?: Buffer;
  fault?: string;
}

/** All statements in a folder; an absent folder has none. */
export async function findStatements(directory: string): Promise<Found[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith(".json")).sort();
  return Promise.all(files.map((name) => find(join(directory, name), name)));
}

async function find(path: string, file: string): Promise<Found> {
  const text = await readFile(path, "utf8");
  const read = statement().safeParse(parsed(text));
  if (!read.success) return { file, fault: "is no sign-off statement" };
  // Only the canonical spelling is signed: another one would let two files claim one signature.
  if (bytesOf(read.data).toString() !== text.trimEnd())
    return { file, fault: "was edited after it was signed" };
  const signature = await readFile(`${path}.sig`).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return signature
    ? { file, statement: read.data, signature }
    : { file, statement: read.data, fault: "has no signature beside it" };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
