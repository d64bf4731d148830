// One look at a gate: what was signed, waiting for what is still missing where the settings say so.
import { setTimeout as pause } from "node:timers/promises";
import { digestJson } from "../canonical-json.ts";
import type { SignOffInputs } from "../sign-off.ts";
import { type Facts, type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { type Judged, judge } from "./judgement.ts";
import { countedOf, observationsOf, signersAs } from "./observations.ts";
import { bytesOf } from "./statement.ts";

const LOOK_SECONDS = 0.5;

/** Lines of the preview: what has to be signed, and by whom still. */
export async function planSignOff(inputs: SignOffInputs): Promise<string[]> {
  const now = new Date();
  const observations = judgeAll(inputs, await judge(inputs, now), now, undefined);
  return [
    `subject ${digestJson(inputs.subject)}`,
    ...observations.map((o) => `${o.id}: ${o.observed}, want ${o.expected}`),
  ];
}

export async function runSignOff(
  inputs: SignOffInputs,
  { log, signal, previous }: StepContext,
): Promise<Finding> {
  const subject = digestJson(inputs.subject);
  const before = previous?.subject === subject ? previous : undefined;
  const since = textOf(before?.since) ?? new Date().toISOString();
  const openedAt = textOf(before?.openedAt);
  const due = inputs.graceHours > 0 ? new Date(Date.parse(since) + inputs.graceHours * 3_600_000) : undefined;
  const waitUntil = Date.now() + inputs.waitSeconds * 1000;
  for (let told = ""; ; ) {
    const now = new Date();
    const judged = await judge(inputs, now, openedAt);
    const missing = judgeAll(inputs, judged, now, undefined).filter(({ result }) => result === "failed");
    if (missing.length === 0 || Date.now() >= waitUntil || missing.some(({ id }) => id === "no-veto"))
      return {
        observations: judgeAll(inputs, judged, now, due),
        facts: factsOf(inputs, judged, {
          subject,
          since,
          openedAt: missing.length === 0 ? (openedAt ?? now.toISOString()) : null,
        }),
      };
    const waitsFor = missing.map(({ expected }) => expected).join(", ");
    if (waitsFor !== told) log(`waits for ${waitsFor}; subject ${subject}`);
    told = waitsFor;
    await pause(LOOK_SECONDS * 1000, undefined, { signal });
  }
}

function judgeAll(inputs: SignOffInputs, judged: Judged[], now: Date, due: Date | undefined): Observation[] {
  return inputs.rollback ? [rollbackOf(inputs, inputs.rollback)] : observationsOf(inputs, judged, now, due);
}

/** Going back is decided already: the release was signed when it went out. It has to be that very release. */
function rollbackOf(
  { subject }: SignOffInputs,
  { record, signed, subject: recorded }: NonNullable<SignOffInputs["rollback"]>,
): Observation {
  const differing = Object.keys(recorded).filter((part) => recorded[part] !== subject[part]);
  return observe(
    "rollback",
    differing.length === 0,
    `release, application and site as in ${record}`,
    differing.length === 0
      ? `as recorded${signed.length > 0 ? `, signed then by ${signed.join(", ")}` : ""}`
      : `${differing.join(", ")} differ`,
  );
}

function factsOf(inputs: SignOffInputs, judged: Judged[], state: Facts): Facts {
  const counted = countedOf(judged);
  const met = inputs.required
    .map(({ role, count }) => ({ role, people: signersAs(role, counted), count }))
    .filter(({ people, count }) => people.length >= count);
  return {
    ...state,
    summary: inputs.rollback
      ? `back to what was signed: ${inputs.rollback.record}`
      : `${met.length} of ${inputs.required.length} roles signed go`,
    phase: inputs.phase,
    parts: inputs.subject,
    roles: inputs.required.map(({ role }) => role),
    /** Roles in which enough persons signed go. */
    signed: Object.fromEntries(
      met.map(({ role, people }) => [
        role,
        counted
          .filter((s) => s.role === role && people.includes(s.person))
          .map(({ person, signedAt, comment }) => ({ person, signedAt, comment: comment ?? "" })),
      ]),
    ),
    statements: judged.flatMap(({ file, statement, waiver, signature, key, fault }) => {
      const signed = statement ?? waiver;
      return signed && signature && key !== undefined && fault === undefined
        ? [{ file, statement: bytesOf(signed).toString(), signature: signature.toString(), key }]
        : [];
    }),
    waivers: judged.flatMap(({ waiver, fault }) =>
      waiver && fault === undefined
        ? [
            {
              box: waiver.waives,
              person: waiver.person,
              role: waiver.role,
              reason: waiver.reason,
              expires: waiver.expires,
            },
          ]
        : [],
    ),
    refused: judged.flatMap(({ file, fault }) => (fault === undefined ? [] : [{ file, why: fault }])),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
