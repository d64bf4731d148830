// A team's checklist and its verdicts. A box is settled only by what the run's evidence holds: observations that passed, signatures
// and waivers that a gate verified. The map alone settles nothing.
import { parseDocument } from "yaml";
import { z } from "zod";
import { type Gate, gatesOf, judgeSignature, signoff, waiverOf } from "./signatures.ts";
import type { Observation, StepReport } from "./steps.ts";

const text = () => z.string().min(1);
const proof = () => z.string().regex(/^[a-z][a-z-]*#[a-z0-9][a-z0-9-]*$/, "must be STEP#OBSERVATION");

const box = () =>
  z
    .strictObject({
      /** Number in the team's checklist, unique. */
      id: text(),
      /** Line in the checklist document. */
      line: z.number().int().positive(),
      section: text().optional(),
      item: text(),
      /**
       * Concerns rollbacks alone: in any other deployment it is not applicable. Or updates alone: at a first release, whose
       * steps find nothing yet to look at, it is not applicable. Or migrations alone: what finds none pending proves nothing and
       * is left out, and where that is all it is not applicable.
       */
      only: z.enum(["rollback", "update", "migration"]).optional(),
      /** One or more observations; all of them must have passed. */
      proof: z.union([proof(), z.array(proof()).min(1)]).optional(),
      /**
       * The role that has to sign: at every gate of the stack that asks for it, or at the one before or after the deployment.
       * Beside a proof: what no observation shows of it; both must be there.
       */
      signoff: signoff().optional(),
      /** Why it is not settled yet. */
      open: text().optional(),
      notApplicable: text().optional(),
      /**
       * Why it need not be settled; counts only with a signed waiver of this box. Beside a proof: why it need not be where
       * nothing could be looked at; such a waiver never covers what failed.
       */
      waived: text().optional(),
    })
    .refine(
      ({ proof, signoff, open, notApplicable, waived }) => {
        const ways = [signoff, open, notApplicable, waived].filter((way) => way !== undefined);
        if (proof === undefined) return ways.length === 1;
        return ways.length <= 1 && open === undefined && notApplicable === undefined;
      },
      {
        message:
          "must have exactly one of proof, signoff, open, notApplicable, waived, or proof and signoff, or proof and waived",
      },
    );

const checklist = () =>
  z
    .strictObject({ title: text(), source: text().optional(), boxes: z.array(box()).min(1) })
    .superRefine((list, context) => {
      const seen = new Set<string>();
      for (const [index, { id }] of list.boxes.entries()) {
        if (seen.has(id))
          context.addIssue({
            code: "custom",
            path: ["boxes", index, "id"],
            message: `"${id}" is there twice`,
          });
        seen.add(id);
      }
    });

export type Checklist = z.output<ReturnType<typeof checklist>>;

export const VERDICTS = ["proven", "signed", "waived", "notApplicable", "pending", "open"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** One box with its verdict and, in words, what the verdict rests on. */
export interface BoxVerdict {
  id: string;
  line: number;
  section?: string;
  item: string;
  verdict: Verdict;
  because: string;
  /** STEP#OBSERVATION names that the verdict rests on. */
  proof: string[];
}

export type Counts = { total: number } & Record<Verdict, number>;

/** @throws naming file, path and fault when the text is no checklist. */
export function readChecklist(yaml: string, file: string): Checklist {
  const document = parseDocument(yaml);
  const [broken] = document.errors;
  if (broken)
    throw new Error(`${file}:${broken.linePos?.[0].line ?? 1}: ${broken.message.split(/ at line|\n/)[0]}`);
  const read = checklist().safeParse(document.toJS());
  if (read.success) return read.data;
  const faults = read.error.issues.map(
    (issue) => `${file}: ${issue.path.join(".") || "the whole file"}: ${issue.message}`,
  );
  throw new Error(faults.join("\n"));
}

/** Judges every box by what the steps observed. `today` is a day, `YYYY-MM-DD`, UTC. */
export function judge(list: Checklist, steps: StepReport[], today: string): BoxVerdict[] {
  const observations = observationsOf(steps);
  const ran = new Set(steps.filter((step) => step.result !== "notRun").map((step) => step.name));
  const gates = gatesOf(steps);
  // Only a rollback takes the database back.
  const isRollback = steps.some(({ name }) => name === "reversal");
  return list.boxes.map(({ id, line, section, item, only, ...way }): BoxVerdict => {
    const shared = { id, line, ...(section === undefined ? {} : { section }), item };
    if (only === "rollback" && !isRollback)
      return { ...shared, verdict: "notApplicable", because: "nothing was rolled back", proof: [] };
    const names = [way.proof ?? []].flat();
    const excused = names.filter((name) => observations.get(name)?.result === "notApplicable");
    if ((only === "update" || only === "migration") && names.length > 0 && excused.length === names.length)
      return {
        ...shared,
        verdict: "notApplicable",
        because: names.map((name) => observations.get(name)?.observed).join("; "),
        proof: names,
      };
    const rest = names.filter((name) => !excused.includes(name));
    const wanted = only === "migration" && rest.length > 0 ? { ...way, proof: rest } : way;
    const judged = judgeBox(wanted, observations, ran, gates, today);
    if (judged.verdict !== "open") return { ...shared, ...judged };
    if (way.waived !== undefined && names.some((name) => !isUnseen(observations.get(name))))
      return { ...shared, ...judged };
    const waiver = waiverOf(gates, id, today);
    return { ...shared, ...judged, ...waiver };
  });
}

// The worst first: where two are meant by one name, such as of "Orders" and "orders", what is wrong with one is not hidden by the other.
const WORST: Observation["result"][] = ["failed", "inconclusive", "notApplicable", "passed"];

/** By STEP#OBSERVATION. */
function observationsOf(steps: StepReport[]): Map<string, Observation> {
  const all = steps.flatMap((step) => step.observations.map((o) => [`${step.name}#${o.id}`, o] as const));
  return new Map(all.sort(([, a], [, b]) => WORST.indexOf(b.result) - WORST.indexOf(a.result)));
}

type Way = Pick<Checklist["boxes"][number], "proof" | "signoff" | "open" | "notApplicable" | "waived">;
type Judgement = Pick<BoxVerdict, "verdict" | "because" | "proof">;

function judgeBox(
  way: Way,
  observations: Map<string, Observation>,
  ran: Set<string>,
  gates: Gate[],
  today: string,
): Judgement {
  if (way.notApplicable) return { verdict: "notApplicable", because: way.notApplicable, proof: [] };
  if (way.signoff && !way.proof) return judgeSignature(way.signoff, gates, today);
  if (way.waived && !way.proof)
    return { verdict: "open", because: `waits for a signed waiver: ${way.waived}`, proof: [] };
  if (way.proof === undefined) return { verdict: "open", because: way.open ?? "", proof: [] };
  const names = [way.proof].flat();
  const gaps = names.flatMap((name) => gapOf(name, observations.get(name), ran));
  if (gaps.length === 0) {
    const because = names.map((name) => observations.get(name)?.observed).join("; ");
    if (!way.signoff) return { verdict: "proven", because, proof: names };
    const signed = judgeSignature(way.signoff, gates, today);
    return { ...signed, because: `${signed.because}; ${because}`, proof: [...names, ...signed.proof] };
  }
  // Everything that can be judged by now is good, and the rest is due later.
  const late = gaps.filter(({ dueLater }) => !dueLater);
  const told = (late.length > 0 ? late : gaps).map(({ text }) => text).join("; ");
  return { verdict: late.length > 0 ? "open" : "pending", because: told, proof: names };
}

/** Passed, or looked for in vain: what a waiver beside a proof may cover. */
function isUnseen(observation: Observation | undefined): boolean {
  return observation !== undefined && observation.result !== "failed";
}

interface Gap {
  text: string;
  dueLater: boolean;
}

function gapOf(name: string, observation: Observation | undefined, ran: Set<string>): Gap[] {
  const [step = ""] = name.split("#");
  if (observation?.result === "passed") return [];
  if (observation?.result === "inconclusive" && observation.pendingUntil !== undefined)
    return [{ text: `due at ${observation.pendingUntil}, so far: ${observation.observed}`, dueLater: true }];
  const text = observation
    ? `${name} ${observation.result}: ${observation.observed}`
    : ran.has(step)
      ? `${step} ran and did not observe ${name}`
      : `${step} did not run`;
  return [{ text, dueLater: false }];
}

export function count(boxes: BoxVerdict[]): Counts {
  const counts: Counts = {
    total: boxes.length,
    proven: 0,
    signed: 0,
    waived: 0,
    notApplicable: 0,
    pending: 0,
    open: 0,
  };
  for (const { verdict } of boxes) counts[verdict]++;
  return counts;
}
