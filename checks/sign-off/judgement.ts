// Which statements count for a gate, and why the others do not.
import { digestJson } from "../canonical-json.ts";
import type { SignOffInputs } from "../sign-off.ts";
import { verify } from "./ssh.ts";
import { bytesOf, type Found, findStatements, type Statement, type Waiver } from "./statement.ts";

/** A statement that counts, or why it does not. */
export interface Judged extends Found {
  /** The signer's public keys, one a line, where it counts. */
  key?: string;
}

/**
 * @param openedAt when this gate opened for the same subject before; signatures that counted then go on counting
 */
export async function judge(inputs: SignOffInputs, now: Date, openedAt?: string): Promise<Judged[]> {
  const found = await findStatements(inputs.directory);
  return Promise.all(found.map((one) => judgeOne(inputs, one, now, openedAt)));
}

async function judgeOne(
  inputs: SignOffInputs,
  found: Found,
  now: Date,
  openedAt: string | undefined,
): Promise<Judged> {
  const { statement, waiver, signature } = found;
  const signed = statement ?? waiver;
  if (!signed || !signature) return { ...found, fault: found.fault ?? "is incomplete" };
  const mismatch = statement
    ? statementMismatch(inputs, statement, now, openedAt)
    : waiver && waiverMismatch(inputs, waiver, now);
  // Somebody may be listed more than once: a key counts for the roles beside it.
  const keys = inputs.signers.filter(
    ({ person, roles }) => person === signed.person && roles.includes(signed.role),
  );
  const fault = mismatch ?? (await verify(keys, bytesOf(signed), signature));
  return fault === undefined ? { ...found, key: keys.map(({ key }) => key).join("\n") } : { ...found, fault };
}

function statementMismatch(
  inputs: SignOffInputs,
  statement: Statement,
  now: Date,
  openedAt: string | undefined,
): string | undefined {
  const { system, stack, release, phase } = inputs;
  const about = `${statement.system} ${statement.release} on ${statement.stack}, ${statement.phase}`;
  if (about !== `${system} ${release} on ${stack}, ${phase}`) return `is about ${about}`;
  if (statement.subject !== digestJson(inputs.subject))
    return "was made for something else than what would be deployed now";
  const until = openedAt === undefined ? now : new Date(openedAt);
  const ageHours = (until.getTime() - Date.parse(statement.signedAt)) / 3_600_000;
  if (ageHours > inputs.validHours)
    return `expired: signed at ${statement.signedAt}, counts for ${inputs.validHours} h`;
  if (inputs.barred.includes(statement.person))
    return `${statement.person} made this change and cannot approve it`;
  return signerMismatch(inputs, statement, now);
}

function waiverMismatch(inputs: SignOffInputs, waiver: Waiver, now: Date): string | undefined {
  if (waiver.system !== inputs.system || waiver.stack !== inputs.stack)
    return `is about ${waiver.system} on ${waiver.stack}`;
  if (waiver.expires <= now.toISOString().slice(0, 10)) return `expired on ${waiver.expires}`;
  if (inputs.barred.includes(waiver.person))
    return `${waiver.person} made this change and cannot waive its boxes`;
  if (!inputs.waiverRoles.includes(waiver.role))
    return `nobody waives boxes as ${waiver.role}, want one of ${inputs.waiverRoles.join(", ") || "no role: the stack's settings name none"}`;
  return signerMismatch(inputs, waiver, now);
}

function signerMismatch(
  { signers }: SignOffInputs,
  { person, role, signedAt }: Statement | Waiver,
  now: Date,
): string | undefined {
  if (Date.parse(signedAt) - now.getTime() > 360_000) return `is dated in the future: ${signedAt}`;
  const entries = signers.filter((one) => one.person === person);
  if (entries.length === 0) return `${person} is not among the signers of this stack`;
  return entries.some(({ roles }) => roles.includes(role)) ? undefined : `${person} does not sign as ${role}`;
}
