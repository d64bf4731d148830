// What people signed, as the gates of the run verified it: signed boxes and waived ones.
import { z } from "zod";
import type { BoxVerdict } from "./checklist.ts";
import type { StepReport } from "./steps.ts";

/** Who has to sign. */
export const signoff = () =>
  z.union([
    z.string().min(1),
    z
      .strictObject({
        role: z.string().min(1),
        phase: z.enum(["before", "after"]),
        /** So long after the release began to be watched a signature counts: nobody knows earlier how a week went. */
        afterMinutes: z.int().positive().optional(),
      })
      .refine(({ phase, afterMinutes }) => afterMinutes === undefined || phase === "after", {
        error: "only with phase after",
        path: ["afterMinutes"],
      }),
  ]);
export type SignOff = z.output<ReturnType<typeof signoff>>;

const facts = z.object({
  phase: z.enum(["before", "after"]),
  roles: z.array(z.string()),
  signed: z.record(
    z.string(),
    z.array(z.object({ person: z.string(), signedAt: z.string(), comment: z.string() })).min(1),
  ),
  waivers: z.array(
    z.object({
      box: z.string(),
      person: z.string(),
      role: z.string(),
      reason: z.string(),
      expires: z.string(),
    }),
  ),
});

/** A gate with the signatures that it verified. */
export type Gate = z.output<typeof facts> & {
  name: string;
  pendingUntil: string | undefined;
  /** When the release began to be watched, RFC 3339 UTC. */
  beganAt: string | undefined;
};

const watched = z.object({ beganAt: z.iso.datetime() });

/** The gates among the steps that this run came to. */
export function gatesOf(steps: StepReport[]): Gate[] {
  const observation = steps.find(({ kind }) => kind === "observation");
  const beganAt = watched.safeParse(observation?.facts).data?.beganAt;
  return steps.flatMap((step) => {
    const read = step.kind === "sign-off" ? facts.safeParse(step.facts) : undefined;
    const pendingUntil = step.observations.find((o) => o.pendingUntil !== undefined)?.pendingUntil;
    return read?.success ? [{ ...read.data, name: step.name, pendingUntil, beganAt }] : [];
  });
}

/** The verdict of a box that a role has to sign. @param today `YYYY-MM-DD`, UTC */
export function judgeSignature(
  signoff: SignOff,
  gates: Gate[],
  today: string,
): Pick<BoxVerdict, "verdict" | "because" | "proof"> {
  const wanted = typeof signoff === "string" ? { role: signoff } : signoff;
  const asking = gates.filter(
    ({ phase, roles }) => roles.includes(wanted.role) && (!("phase" in wanted) || wanted.phase === phase),
  );
  const proof = asking.map(({ name }) => name);
  const waits = `waits for a signature: ${wanted.role}`;
  if (asking.length === 0)
    return { verdict: "open", because: `${waits}; no gate of this run asks for it`, proof };
  const missing = asking.filter(({ signed }) => signed[wanted.role] === undefined);
  const minutes = "afterMinutes" in wanted ? wanted.afterMinutes : undefined;
  if (minutes !== undefined && !asking.some((gate) => isSignedAfter(gate, wanted.role, minutes))) {
    const due = dueOf(asking[0], minutes);
    if (due === undefined)
      return { verdict: "open", because: `${waits}; nothing says when the release began`, proof };
    // Days are what a report knows of the present.
    const verdict = today <= due.slice(0, 10) ? "pending" : "open";
    return { verdict, because: `${waits}, given after ${due}; nobody knows earlier`, proof };
  }
  if (missing.length === 0)
    return {
      verdict: "signed",
      because: asking.map((gate) => signersOf(gate, wanted.role)).join("; "),
      proof,
    };
  const due = missing.every(({ pendingUntil }) => pendingUntil !== undefined);
  return {
    verdict: due ? "pending" : "open",
    because: `${waits}${due ? `, until ${missing[0]?.pendingUntil}` : ""}`,
    proof,
  };
}

/** From when on a signature counts, RFC 3339 UTC. */
function dueOf(gate: Gate | undefined, minutes: number): string | undefined {
  if (gate?.beganAt === undefined) return undefined;
  return new Date(Date.parse(gate.beganAt) + minutes * 60_000).toISOString();
}

function isSignedAfter(gate: Gate, role: string, minutes: number): boolean {
  const due = dueOf(gate, minutes);
  const signed = gate.signed[role] ?? [];
  return due !== undefined && signed.some(({ signedAt }) => Date.parse(signedAt) >= Date.parse(due));
}

function signersOf({ signed }: Gate, role: string): string {
  const people = (signed[role] ?? []).map(
    ({ person, signedAt, comment }) => `${person} at ${signedAt}${comment === "" ? "" : ` (${comment})`}`,
  );
  return `${role}: ${people.join(", ")}`;
}

/** The waiver of a box, if a signed one counts today. */
export function waiverOf(
  gates: Gate[],
  box: string,
  today: string,
): Pick<BoxVerdict, "verdict" | "because"> | undefined {
  const waiver = gates
    .flatMap(({ waivers }) => waivers)
    .find((candidate) => candidate.box === box && today < candidate.expires);
  return (
    waiver && {
      verdict: "waived",
      because: `${waiver.person} (${waiver.role}) until ${waiver.expires}: ${waiver.reason}`,
    }
  );
}
