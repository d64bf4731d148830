// What people signed, as the gates of the run verified it: signed boxes and waived ones.
import { z } from "zod";
import type { BoxVerdict } from "./checklist.ts";
import type { StepReport } from "./steps.ts";

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
export type Gate = z.output<typeof facts> & { name: string; pendingUntil: string | undefined };

/** The gates among the steps that this run came to. */
export function gatesOf(steps: StepReport[]): Gate[] {
  return steps.flatMap((step) => {
    const read = step.kind === "sign-off" ? facts.safeParse(step.facts) : undefined;
    const pendingUntil = step.observations.find((o) => o.pendingUntil !== undefined)?.pendingUntil;
    return read?.success ? [{ ...read.data, name: step.name, pendingUntil }] : [];
  });
}

/** The verdict of a box that a role has to sign. */
export function judgeSignature(
  signoff: string | { role: string; phase: "before" | "after" },
  gates: Gate[],
): Pick<BoxVerdict, "verdict" | "because" | "proof"> {
  const wanted = typeof signoff === "string" ? { role: signoff } : signoff;
  const asking = gates.filter(
    ({ phase, roles }) => roles.includes(wanted.role) && (!("phase" in wanted) || wanted.phase === phase),
  );
  const proof = asking.map(({ name }) => name);
  if (asking.length === 0)
    return {
      verdict: "open",
      because: `waits for a signature: ${wanted.role}; no gate of this run asks for it`,
      proof,
    };
  const missing = asking.filter(({ signed }) => signed[wanted.role] === undefined);
  if (missing.length === 0)
    return {
      verdict: "signed",
      because: asking.map((gate) => signersOf(gate, wanted.role)).join("; "),
      proof,
    };
  const due = missing.every(({ pendingUntil }) => pendingUntil !== undefined);
  return {
    verdict: due ? "pending" : "open",
    because: `waits for a signature: ${wanted.role}${due ? `, until ${missing[0]?.pendingUntil}` : ""}`,
    proof,
  };
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
