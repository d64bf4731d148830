// The signatures that the gates of a record kept, checked again from the record alone.
import { z } from "zod";
import type { StoredRecord } from "../../checks/record/links.ts";
import { verify } from "../../checks/sign-off/ssh.ts";
import { bytesOf, readStatement } from "../../checks/sign-off/statement.ts";

const statements = z.array(
  z.object({ file: z.string(), statement: z.string(), signature: z.string(), key: z.string() }),
);

/** Checks every signature that the gates of a record kept. */
export async function signatureFaults({
  key,
  document,
}: StoredRecord): Promise<{ checked: number; faults: string[] }> {
  const kept = Object.values(document.steps).flatMap(
    ({ facts }) => statements.safeParse(facts.statements).data ?? [],
  );
  const judged = kept.map(async ({ file, statement, signature, key: keys }) => {
    const read = readStatement(file, statement);
    const signed = read.statement ?? read.waiver;
    if (!signed) return [`${key}: ${file} ${read.fault}`];
    const signers = keys.split("\n").map((one) => ({ person: signed.person, key: one }));
    const fault = await verify(signers, bytesOf(signed), Buffer.from(signature));
    return fault === undefined
      ? []
      : [`${key}: ${file}: the signature of ${signed.person} does not hold: ${fault}`];
  });
  return { checked: kept.length, faults: (await Promise.all(judged)).flat() };
}
