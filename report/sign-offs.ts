// The decisions of people as a report shows them: every statement that a gate verified, the roles that nobody signed yet, and what
// was laid before a gate and refused. Pure; signatures were checked by the gate.
import { z } from "zod";
import type { StepReport } from "./steps.ts";

/** A decision or a waiver, bound by signature to exactly one thing. */
export interface SignedStatement {
  /** The gate that verified it. */
  gate: string;
  role: string;
  person: string;
  /** `go`, `no-go`, or the box that is waived. */
  decision: string;
  /** RFC 3339 UTC. */
  signedAt: string;
  /** What was signed, SHA-256; empty for a waiver, which is about a box. */
  subject: string;
  /** What the person wrote, and until when a waiver counts. */
  comment: string;
}

export interface SignOffs {
  signed: SignedStatement[];
  /** Roles of a gate that still have to sign. */
  missing: { gate: string; role: string; until?: string }[];
  refused: { gate: string; file: string; why: string }[];
}

const gate = z.object({
  roles: z.array(z.string()).default([]),
  signed: z.record(z.string(), z.unknown()).default({}),
  statements: z.array(z.object({ statement: z.string() })).default([]),
  refused: z.array(z.object({ file: z.string(), why: z.string() })).default([]),
});

const statement = z.object({
  role: z.string(),
  person: z.string(),
  signedAt: z.string(),
  decision: z.string().optional(),
  subject: z.string().default(""),
  comment: z.string().default(""),
  overridesFreeze: z.string().optional(),
  waives: z.string().optional(),
  reason: z.string().default(""),
  expires: z.string().default(""),
});

/** Empty where the run came to no gate. */
export function signOffsOf(steps: StepReport[]): SignOffs {
  const found: SignOffs = { signed: [], missing: [], refused: [] };
  const told = new Set<string>();
  for (const { name, kind, result, facts, observations } of steps) {
    if (kind !== "sign-off" || result === "notRun") continue;
    const read = gate.safeParse(facts);
    if (!read.success) continue;
    const until = observations.find(({ pendingUntil }) => pendingUntil !== undefined)?.pendingUntil;
    for (const text of read.data.statements.map((one) => one.statement)) {
      // A waiver lies before every gate and is shown once.
      if (told.has(text)) continue;
      told.add(text);
      found.signed.push(...signedIn(name, text));
    }
    const missing = read.data.roles.filter((role) => read.data.signed[role] === undefined);
    found.missing.push(
      ...missing.map((role) => ({ gate: name, role, ...(until === undefined ? {} : { until }) })),
    );
    found.refused.push(...read.data.refused.map((one) => ({ gate: name, ...one })));
  }
  return found;
}

function signedIn(name: string, text: string): SignedStatement[] {
  const read = statement.safeParse(JSON.parse(text));
  if (!read.success) return [];
  const { role, person, signedAt, decision, subject, comment, overridesFreeze, waives, reason, expires } =
    read.data;
  const shared = { gate: name, role, person, signedAt, subject };
  if (waives !== undefined)
    return [{ ...shared, decision: `waives ${waives}`, comment: `${reason} (until ${expires})` }];
  const freeze = overridesFreeze === undefined ? [] : [`overrides the freeze ${overridesFreeze}`];
  return [
    {
      ...shared,
      decision: decision ?? "",
      comment: [comment, ...freeze].filter((part) => part !== "").join("; "),
    },
  ];
}
