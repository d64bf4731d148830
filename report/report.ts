// The report of one deployment as data; HTML and everything else people read is made from it.
import { type BoxVerdict, type Checklist, type Counts, count, judge } from "./checklist.ts";
import type { Differences } from "./differences.ts";
import { type Notice, noticesOf } from "./notices.ts";
import { type SignOffs, signOffsOf } from "./sign-offs.ts";
import type { StepReport } from "./steps.ts";
import type { WayBack } from "./way-back.ts";

/** `proven`: the stack has steps, every one passed, and no box is open. */
export type ReportVerdict = "proven" | "failed" | "incomplete";

export interface Report {
  format: 1;
  system: string;
  stack: string;
  release: string;
  verdict: ReportVerdict;
  engine: string;
  startedAt: string;
  finishedAt: string;
  durationSeconds: number;
  /** What the update did: counts by operation, e.g. `{ create: 12 }`. */
  changes: { [operation: string]: number };
  steps: StepReport[];
  signOffs: SignOffs;
  /** Who was told, and who could not be. */
  notices: Notice[];
  /** From the last release; absent where the stack keeps no records, null where there is no earlier one. */
  differences?: Differences | null;
  wayBack?: WayBack;
  checklist?: { title: string; counts: Counts; boxes: BoxVerdict[] };
  /** Plain outputs of the stack, e.g. addresses. */
  outputs: { [name: string]: unknown };
  /** The errors of the update, redacted, in order. */
  errors: string[];
  /** What else is worth knowing and fails nothing, e.g. that the records could not be read. */
  notes: string[];
  /** The one command to run next. */
  next?: string;
}

/** What a report says from the records of the stack. */
export type FromRecords = Pick<Report, "differences" | "wayBack" | "notes">;

export interface ReportParts {
  system: string;
  stack: string;
  release: string;
  engine: string;
  startedAt: Date;
  finishedAt: Date;
  changes: { [operation: string]: number };
  /** Steps with evidence. */
  steps: StepReport[];
  /** Names of all steps of the stack in order, as a preview lists them; those without evidence did not run. */
  planned: { name: string; kind: string }[];
  /** Names of steps that this update came to, whether it ran them or found them unchanged. */
  visited: ReadonlySet<string>;
  /** Names of steps that this update ran. */
  ran: ReadonlySet<string>;
  /** Steps that this update began and whose end nobody saw: by name, when they began, RFC 3339 UTC. */
  underWay?: { [step: string]: string };
  checklist?: Checklist;
  outputs: { [name: string]: unknown };
  errors: string[];
  next?: string;
}

export function assemble(parts: ReportParts): Report {
  const steps = inOrder(parts);
  const today = parts.finishedAt.toISOString().slice(0, 10);
  const boxes = parts.checklist ? judge(parts.checklist, steps, today) : [];
  return {
    format: 1,
    system: parts.system,
    stack: parts.stack,
    release: parts.release,
    verdict: verdictOf(steps, parts.errors, boxes),
    engine: parts.engine,
    startedAt: parts.startedAt.toISOString(),
    finishedAt: parts.finishedAt.toISOString(),
    durationSeconds: (parts.finishedAt.getTime() - parts.startedAt.getTime()) / 1000,
    changes: parts.changes,
    steps,
    signOffs: signOffsOf(steps),
    notices: noticesOf(steps),
    ...(parts.checklist ? { checklist: { title: parts.checklist.title, counts: count(boxes), boxes } } : {}),
    outputs: parts.outputs,
    errors: parts.errors,
    notes: [],
    ...(parts.next === undefined ? {} : { next: parts.next }),
  };
}

function inOrder(parts: ReportParts): StepReport[] {
  const found = new Map(parts.steps.map((step) => [step.name, step]));
  // A rollback that goes on has no plan of its own.
  const others = parts.steps.filter((step) => !parts.planned.some(({ name }) => name === step.name));
  return [...parts.planned, ...others].map(({ name, kind }): StepReport => {
    const step = found.get(name);
    const startedAt = parts.underWay?.[name];
    if (startedAt !== undefined) return cutOff(name, kind, startedAt, parts.finishedAt);
    const ran = parts.ran.has(name);
    const isEarlier = step?.startedAt !== undefined && Date.parse(step.startedAt) < parts.startedAt.getTime();
    if (ran && (!step || isEarlier)) return broken(name, kind);
    // Evidence from before a failure upstream, or of the release before, is not evidence of this one.
    if (!step || !parts.visited.has(name)) {
      return { name, kind, result: "notRun", observations: [], facts: {} };
    }
    return { ...step, ran };
  });
}

/** A step that ended without evidence, such as one whose inputs were refused or whose process ended: the state keeps what it had before. */
function broken(name: string, kind: string): StepReport {
  const message = "ended before it could say what it observed";
  return { name, kind, result: "failed", observations: [], facts: {}, message, ran: true };
}

/** A step that the engine was killed in: what it did is not known. */
function cutOff(name: string, kind: string, startedAt: string, end: Date): StepReport {
  const message = "was under way when the engine ended; what it does may be partly done";
  return {
    name,
    kind,
    result: "inconclusive",
    observations: [],
    facts: {},
    startedAt,
    finishedAt: end.toISOString(),
    durationSeconds: (end.getTime() - Date.parse(startedAt)) / 1000,
    message,
    ran: true,
  };
}

function verdictOf(steps: StepReport[], errors: string[], boxes: BoxVerdict[]): ReportVerdict {
  const isFailed = ({ result, accepted }: StepReport) => result === "failed" && accepted === undefined;
  if (errors.length > 0 || steps.some(isFailed)) return "failed";
  const isOpen = boxes.some(({ verdict }) => verdict === "open");
  const isWhole = steps.every((step) => step.result === "passed" || step.result === "notApplicable");
  // Where there is no step at all nothing was looked at.
  return steps.length > 0 && isWhole && !isOpen ? "proven" : "incomplete";
}
