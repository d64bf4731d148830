// The gates of a stack, as the events of a preview or an update tell them, and signing at one of them.
import { mkdir, rename, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { z } from "zod";
import { digestJson } from "../../checks/canonical-json.ts";
import { sign, verify } from "../../checks/sign-off/ssh.ts";
import { bytesOf, fileNameOf, type Statement, type Waiver } from "../../checks/sign-off/statement.ts";
import { STEP_TYPE } from "../../report/steps.ts";

const gate = z.object({
  system: z.string(),
  stack: z.string(),
  release: z.string(),
  phase: z.enum(["before", "after"]),
  subject: z.record(z.string(), z.string()),
  required: z.array(z.object({ role: z.string(), count: z.number() })),
  signers: z.array(z.object({ person: z.string(), key: z.string(), roles: z.array(z.string()) })),
  waiverRoles: z.array(z.string()).default([]),
  directory: z.string(),
  validHours: z.number(),
});

/** What a gate says must be signed. */
export type Gate = z.output<typeof gate>;

/** The gate that an event is about, when all of what must be signed is known. */
export function gateOf({ resourcePreEvent }: EngineEvent): Gate | undefined {
  if (resourcePreEvent?.metadata.type !== `${STEP_TYPE}SignOff`) return undefined;
  return gate.safeParse(resourcePreEvent.metadata.new?.inputs).data;
}

export interface Decision {
  role: string;
  person: string;
  /** Private key file, or a public key file whose private key is in the SSH agent. */
  key: string;
  decision: "go" | "no-go";
  comment?: string;
  overridesFreeze?: string;
}

/** Signs a decision on exactly what the gate is about, and gives the file of the statement. */
export async function signDecision(found: Gate, { key, ...decision }: Decision): Promise<string> {
  const { system, stack, release, phase } = found;
  const statement: Statement = {
    format: 1,
    system,
    stack,
    release,
    phase,
    subject: digestJson(found.subject),
    ...decision,
    signedAt: new Date().toISOString(),
  };
  return write(found, statement, key);
}

/** Signs that a box need not be settled until a day. @throws when the gate would not count it */
export async function signWaiver(
  found: Gate,
  {
    key,
    ...waived
  }: { role: string; person: string; key: string; waives: string; reason: string; expires: string },
): Promise<string> {
  const { system, stack, waiverRoles } = found;
  const { role, expires } = waived;
  const able = waiverRoles.join(", ") || "no role: greenlight:signOff.waiverRoles names none";
  if (!waiverRoles.includes(role)) throw new Error(`role "${role}": waives no box, want one of ${able}`);
  const today = new Date().toISOString().slice(0, 10);
  if (expires <= today) throw new Error(`waiver: expires on ${expires}, want a day after ${today}`);
  return write(found, { format: 1, system, stack, ...waived, signedAt: new Date().toISOString() }, key);
}

async function write(
  { directory: folder, signers }: Gate,
  signed: Statement | Waiver,
  key: string,
): Promise<string> {
  const bytes = bytesOf(signed);
  const signature = await sign(key, bytes);
  const { person } = signed;
  // The gate would not count it, and it would take the place of one that counts.
  const mismatch = await verify(
    signers.filter((one) => one.person === person),
    bytes,
    signature,
  );
  if (mismatch !== undefined)
    throw new Error(
      `sign-off: ${key} is not the key of ${person} in the stack's signers (${mismatch}), want theirs; correct --key or --person`,
    );
  const directory = isAbsolute(folder) ? folder : join(process.cwd(), folder);
  await mkdir(directory, { recursive: true });
  const file = join(directory, fileNameOf(signed));
  await writeFile(`${file}.sig`, signature);
  // A gate may be waiting for it: it appears whole.
  await writeFile(`${file}.new`, bytes);
  await rename(`${file}.new`, file);
  return file;
}
