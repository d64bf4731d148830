// One look at a gate: what was signed, waiting for what is still missing where the settings say so.
import { setTimeout as pause } from "node:timers/promises";
import { digestJson } from "../canonical-json.ts";
import type { SignOffInputs } from "../sign-off.ts";
import type { Facts, Finding, StepContext } from "../step/definition.ts";
import { type Judged, judge } from "./judgement.ts";
import { countedOf, observationsOf, signersAs } from "./observations.ts";
import { judgeRecorded } from "./recorded.ts";
import { bytesOf } from "./statement.ts";

const LOOK_SECONDS = 0.5;

/** Lines of the preview: what has to be signed, and by whom still. */
export async function planSignOff(inputs: SignOffInputs): Promise<string[]> {
  const now = new Date();
  const observations = inputs.rollback
    ? (await judgeRecorded(inputs, inputs.rollback)).observations
    : observationsOf(inputs, await judge(inputs, now), now, undefined);
  return [
    `subject ${digestJson(inputs.subject)}`,
    ...observations.map((o) => `${o.id}: ${o.observed}, want ${o.expected}`),
  ];
}

export async function runSignOff(inputs: SignOffInputs, context: StepContext): Promise<Finding> {
  return inputs.rollback ? goBack(inputs, inputs.rollback) : goForward(inputs, context);
}

/** Going back is decided already: the release was signed when it went out. It has to be that very release. */
async function goBack(
  inputs: SignOffInputs,
  undone: NonNullable<SignOffInputs["rollback"]>,
): Promise<Finding> {
  const { observations, signed, statements } = await judgeRecorded(inputs, undone);
  const judged = (await judge(inputs, new Date())).filter(({ waiver }) => waiver);
  const facts = factsOf(inputs, judged, { subject: digestJson(inputs.subject), record: undone.record });
  return {
    observations,
    facts: {
      ...facts,
      summary: `back to what was signed: ${undone.record}`,
      signed,
      statements: [...statements, ...statementsOf(judged)],
    },
  };
}

async function goForward(inputs: SignOffInputs, { log, signal, previous }: StepContext): Promise<Finding> {
  const subject = digestJson(inputs.subject);
  const before = previous?.subject === subject ? previous : undefined;
  const since = textOf(before?.since) ?? new Date().toISOString();
  const openedAt = textOf(before?.openedAt);
  const due = inputs.graceHours > 0 ? new Date(Date.parse(since) + inputs.graceHours * 3_600_000) : undefined;
  const waitUntil = Date.now() + inputs.waitSeconds * 1000;
  for (let told = ""; ; ) {
    const now = new Date();
    const judged = await judge(inputs, now, openedAt);
    const missing = observationsOf(inputs, judged, now, undefined).filter(
      ({ result }) => result === "failed",
    );
    if (missing.length === 0 || Date.now() >= waitUntil || missing.some(({ id }) => id === "no-veto"))
      return {
        observations: observationsOf(inputs, judged, now, due),
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

function factsOf(inputs: SignOffInputs, judged: Judged[], state: Facts): Facts {
  const counted = countedOf(judged);
  const met = inputs.required
    .map(({ role, count }) => ({ role, people: signersAs(role, counted), count }))
    .filter(({ people, count }) => people.length >= count);
  return {
    ...state,
    summary: `${met.length} of ${inputs.required.length} roles signed go`,
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
    statements: statementsOf(judged),
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

/** What it takes to check the signatures that count again, without the folder. */
function statementsOf(judged: Judged[]) {
  return judged.flatMap(({ file, statement, waiver, signature, key, fault }) => {
    const signed = statement ?? waiver;
    return signed && signature && key !== undefined && fault === undefined
      ? [{ file, statement: bytesOf(signed).toString(), signature: signature.toString(), key }]
      : [];
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
