// A team's checklist and its verdicts. A box is proven only by observations that its proof names and that passed; the map alone proves nothing.
import { parse } from "yaml";
import { z } from "zod";
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
      /** One or more observations; all of them must have passed. */
      proof: z.union([proof(), z.array(proof()).min(1)]).optional(),
      /** The role of the person who has to sign. */
      signoff: text().optional(),
      /** Why it is not settled yet. */
      open: text().optional(),
      notApplicable: text().optional(),
      waived: z.strictObject({ person: text(), reason: text(), expires: z.iso.date() }).optional(),
    })
    .refine(
      (b) =>
        [b.proof, b.signoff, b.open, b.notApplicable, b.waived].filter((way) => way !== undefined).length ===
        1,
      {
        message: "must have exactly one of proof, signoff, open, notApplicable, waived",
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
  const read = checklist().safeParse(parse(yaml));
  if (read.success) return read.data;
  const faults = read.error.issues.map((issue) => `${file}: ${issue.path.join(".")}: ${issue.message}`);
  throw new Error(faults.join("\n"));
}

/** Judges every box by what the steps observed. `today` is a day, `YYYY-MM-DD`, UTC. */
export function judge(list: Checklist, steps: StepReport[], today: string): BoxVerdict[] {
  const observations = new Map(
    steps.flatMap((step) => step.observations.map((o): [string, Observation] => [`${step.name}#${o.id}`, o])),
  );
  const ran = new Set(steps.filter((step) => step.result !== "notRun").map((step) => step.name));
  return list.boxes.map(({ id, line, section, item, ...way }) => {
    const shared = { id, line, ...(section === undefined ? {} : { section }), item };
    if (way.notApplicable)
      return { ...shared, verdict: "notApplicable", because: way.notApplicable, proof: [] };
    if (way.signoff)
      return { ...shared, verdict: "open", because: `waits for a signature: ${way.signoff}`, proof: [] };
    if (way.waived) {
      const { person, reason, expires } = way.waived;
      const holds = today < expires;
      const because = holds
        ? `${person} until ${expires}: ${reason}`
        : `the waiver of ${person} ended on ${expires}`;
      return { ...shared, verdict: holds ? "waived" : "open", because, proof: [] };
    }
    if (way.proof === undefined) return { ...shared, verdict: "open", because: way.open ?? "", proof: [] };
    const names = [way.proof].flat();
    const gaps = names.flatMap((name) => gapOf(name, observations.get(name), ran));
    const seen = names.map((name) => observations.get(name)?.observed).join("; ");
    return {
      ...shared,
      verdict: gaps.length === 0 ? "proven" : "open",
      because: gaps.join("; ") || seen,
      proof: names,
    };
  });
}

function gapOf(name: string, observation: Observation | undefined, ran: Set<string>): string[] {
  const [step = ""] = name.split("#");
  if (observation?.result === "passed") return [];
  if (observation) return [`${name} ${observation.result}: ${observation.observed}`];
  return [ran.has(step) ? `${step} ran and did not observe ${name}` : `${step} did not run`];
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
