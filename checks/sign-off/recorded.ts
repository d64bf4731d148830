// What a release's record says about its gate, for a rollback to that release: nobody has to sign again for what was signed
// when it went out. The signatures count on from the record, since they are over the digest of the very state that is returned
// to; each is checked again. What was not signed then is not signed now.
import { z } from "zod";
import { digestJson } from "../canonical-json.ts";
import type { SignOffInputs } from "../sign-off.ts";
import { type Observation, observe } from "../step/definition.ts";
import { slugOf } from "./observations.ts";
import { verify } from "./ssh.ts";
import { bytesOf, readStatement, type Statement } from "./statement.ts";

/** The evidence of a gate as a record keeps it. */
export const recordedGate = () =>
  z.object({
    parts: z.record(z.string(), z.string()),
    /** Roles in which enough persons signed go. */
    signed: z.record(
      z.string(),
      z.array(z.object({ person: z.string(), signedAt: z.string(), comment: z.string() })),
    ),
    statements: z.array(
      z.object({ file: z.string(), statement: z.string(), signature: z.string(), key: z.string() }),
    ),
  });
type RecordedGate = z.output<ReturnType<typeof recordedGate>>;
type Undone = NonNullable<SignOffInputs["rollback"]>;

export interface Recorded {
  observations: Observation[];
  /** As the record has it, without roles whose signatures do not hold or are fewer than are wanted. */
  signed: RecordedGate["signed"];
  statements: RecordedGate["statements"];
}

export async function judgeRecorded(
  { subject, required, phase }: SignOffInputs,
  { record, gate, subject: recorded }: Undone,
): Promise<Recorded> {
  const differing = Object.keys(recorded).filter((part) => recorded[part] !== subject[part]);
  const held = gate === null ? [] : await heldBy(gate, phase);
  const signed = Object.fromEntries(
    Object.entries(gate?.signed ?? {}).flatMap(([role, people]) => {
      const counting = people.every(({ person }) =>
        held.some(({ signed: s }) => s.person === person && s.role === role),
      );
      // More may be wanted by now than when the release went out.
      const wanted = required.find((one) => one.role === role)?.count ?? 1;
      const enough = new Set(people.map(({ person }) => person)).size >= wanted;
      return counting && enough && differing.length === 0
        ? [[role, people.map((one) => ({ ...one, comment: cited(one.comment, record) }))]]
        : [];
    }),
  );
  return {
    observations: [
      observe(
        "rollback",
        differing.length === 0,
        `${Object.keys(recorded).join(", ")} as in ${record}`,
        differing.length === 0 ? "as recorded" : `${differing.join(", ")} differ`,
      ),
      ...required.map(({ role, count }) => observationOf(role, count, signed[role], record)),
    ],
    signed,
    statements: held.map(({ kept }) => kept),
  };
}

/** The recorded go decisions on the recorded digest whose signatures hold. */
async function heldBy(
  { parts, statements }: RecordedGate,
  phase: Statement["phase"],
): Promise<{ signed: Statement; kept: RecordedGate["statements"][number] }[]> {
  const subject = digestJson(parts);
  const judged = statements.map(async (kept) => {
    const signed = readStatement(kept.file, kept.statement).statement;
    if (!signed || signed.subject !== subject || signed.phase !== phase || signed.decision !== "go")
      return [];
    const keys = kept.key.split("\n").map((key) => ({ person: signed.person, key }));
    const fault = await verify(keys, bytesOf(signed), Buffer.from(kept.signature));
    return fault === undefined ? [{ signed, kept }] : [];
  });
  return (await Promise.all(judged)).flat();
}

function observationOf(
  role: string,
  count: number,
  people: RecordedGate["signed"][string] | undefined,
  record: string,
): Observation {
  const id = slugOf(role);
  const expected = `${count} signed go as ${role} when this release went out`;
  if (!people)
    return {
      id,
      result: "notApplicable",
      expected,
      observed: `not enough signatures that hold in ${record}`,
    };
  const names = people.map(({ person, signedAt }) => `${person} at ${signedAt}`).join(", ");
  return observe(id, true, expected, `${people.length} (${names}), by ${record}`);
}

function cited(comment: string, record: string): string {
  const source = `by ${record}`;
  return comment === "" || comment.includes(source) ? comment || source : `${comment}; ${source}`;
}
