// What a person signs: a decision on exactly one thing that would be deployed, or a box of the checklist that is waived for a
// time. Statements are files, each with its signature beside it, so that they travel through git or any store.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { jsonOf } from "../json-of.ts";

/** The namespace of the SSH signature, so that a signature made for something else does not count here. */
export const NAMESPACE = "greenlight-sign-off";

const signer = {
  system: z.string().min(1),
  stack: z.string().min(1),
  role: z.string().min(1),
  /** Who signs, as listed with a key in the stack's settings, e.g. `ana@example.com`. */
  person: z.string().min(1),
  signedAt: z.iso.datetime(),
};

const decision = () =>
  z.strictObject({
    format: z.literal(1),
    ...signer,
    release: z.string().min(1),
    /** `before`: may this be deployed? `after`: is what was deployed accepted? */
    phase: z.enum(["before", "after"]),
    /** SHA-256 of everything that will be deployed, see the gate's plan. */
    subject: z.string().regex(/^[0-9a-f]{64}$/),
    decision: z.enum(["go", "no-go"]),
    comment: z.string().max(2000).optional(),
    /** The freeze window in which this may be deployed all the same; `comment` says why. */
    overridesFreeze: z.string().min(1).optional(),
  });

const waiver = () =>
  z.strictObject({
    format: z.literal(1),
    ...signer,
    /** The box of the checklist that need not be settled. */
    waives: z.string().min(1),
    reason: z.string().min(1).max(2000),
    /** First day on which it no longer counts, `YYYY-MM-DD`. */
    expires: z.iso.date(),
  });

/** A decision on a deployment. */
export type Statement = z.output<ReturnType<typeof decision>>;
/** A box that is waived. */
export type Waiver = z.output<ReturnType<typeof waiver>>;

/** The bytes that are signed. */
export function bytesOf(signed: Statement | Waiver): Buffer {
  return Buffer.from(canonicalJson(signed));
}

/** Letters of other scripts stand in a digest, so that no two names become one. */
function plain(text: string): string {
  const safe = text.toLowerCase().replace(/[^a-z0-9.@+-]+/g, "-");
  return /^[a-z0-9.@+ -]*$/i.test(text)
    ? safe
    : `${safe}${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
}

/** E.g. `1.2.0_before_tech-lead_ana@example.com.json`, safe on every file system. */
export function fileNameOf(signed: Statement | Waiver): string {
  const what = "waives" in signed ? ["waiver", signed.waives] : [signed.release, signed.phase];
  return `${[...what, signed.role, signed.person].map(plain).join("_")}.json`;
}

/** A statement with its signature as found on disk; `fault` says why it cannot count. */
export interface Found {
  file: string;
  statement?: Statement;
  waiver?: Waiver;
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
  const signature = await contentOf(`${path}.sig`);
  // Taken away meanwhile, or a link to nowhere.
  const text = await contentOf(path);
  if (text === undefined) return { file, fault: "is not there any more" };
  const read = readStatement(file, text.toString("utf8"));
  if (read.fault !== undefined) return read;
  return signature ? { ...read, signature } : { ...read, fault: "has no signature beside it" };
}

function contentOf(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

/** A statement from its text. */
export function readStatement(file: string, text: string): Found {
  const given = jsonOf(text);
  const decided = decision().safeParse(given);
  const waived = waiver().safeParse(given);
  const signed = decided.data ?? waived.data;
  if (!signed) return { file, fault: "is no sign-off statement" };
  // Only the canonical spelling is signed: another one would let two files claim one signature.
  if (bytesOf(signed).toString() !== text.trimEnd()) return { file, fault: "was edited after it was signed" };
  return { file, ...(decided.data ? { statement: decided.data } : { waiver: waived.data }) };
}
