// The lines of a journal: what each says and how a list of them is replayed. Pure; journal.ts does the writing.
//
// A journal belongs to a checkpoint, named by the SHA-256 of its bytes. Every state of a stack has a number that never
// changes: `base` gives those of the checkpoint, each later state takes the next. When the checkpoint is rewritten, a new
// `base` is written first; so whichever of the two checkpoints a crash leaves, the records after its `base` lead on.
// A line that was not written whole is ignored together with everything after it: every prefix of a journal is the
// stack as it was at some moment.
import { createHash } from "node:crypto";
import type { Value } from "../types.ts";

type Json = { [key: string]: Value };

/** One line. Exactly one member besides `sum` is set. */
export interface JournalRecord {
  /** The checkpoint is, or is about to be, the one with this digest; the numbers of its states and operations. */
  base?: { digest: string; order: number[]; pending: number[] };
  /** An operation is about to reach a provider. */
  begin?: { operation: number; type: string; resource: Json };
  /** How the stack changed. */
  change?: JournalDelta;
}

/** States appear under their numbers; `splice` is applied to the list of numbers. */
export interface JournalDelta {
  /** New states, and states that changed in place. */
  put?: [number, Json][];
  /** `[from, how many, numbers that stand there now]` */
  splice?: [number, number, number[]];
  /** Operations still pending, when the list is not simply the one before. */
  pending?: number[];
  /** Pending operations of the checkpoint or the run that are first named here. */
  operations?: [number, string, Json][];
}

/** A stack as numbered JSON states. */
export interface JournalImage {
  states: Map<number, Json>;
  order: number[];
  operations: Map<number, { type: string; resource: Json }>;
  pending: number[];
}

/** Digest that ties a journal to its checkpoint. */
export function digestOf(checkpoint: string): string {
  return createHash("sha256").update(checkpoint).digest("hex");
}

/** What a line says, with states as the JSON text that they already are. */
export interface JournalNote {
  base?: NonNullable<JournalRecord["base"]>;
  begin?: { operation: number; type: string; resource: string };
  change?: {
    put: [number, string][];
    splice?: JournalDelta["splice"];
    pending?: number[];
    operations: [number, string, string][];
  };
}

/** One line with its own checksum, so that a torn or altered line is recognised. */
export function noteLine(note: JournalNote): string {
  const body = noteBody(note);
  return `${createHash("sha256").update(body).digest("hex").slice(0, 16)} ${body}\n`;
}

function noteBody({ base, begin, change }: JournalNote): string {
  if (base) return JSON.stringify({ base });
  if (begin) {
    return `{"begin":{"operation":${begin.operation},"type":"${begin.type}","resource":${begin.resource}}}`;
  }
  const put = change?.put.map(([number, state]) => `[${number},${state}]`).join() ?? "";
  const operations =
    change?.operations.map(([number, type, state]) => `[${number},"${type}",${state}]`).join() ?? "";
  const members = [put && `"put":[${put}]`, operations && `"operations":[${operations}]`];
  if (change?.splice) members.push(`"splice":${JSON.stringify(change.splice)}`);
  if (change?.pending) members.push(`"pending":[${change.pending.join()}]`);
  return `{"change":{${members.filter(Boolean).join()}}}`;
}

/** The whole lines of a journal up to the first that is torn. */
export function parseJournal(text: string): JournalRecord[] {
  const records: JournalRecord[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    const body = line.slice(17);
    if (line.slice(0, 16) !== createHash("sha256").update(body).digest("hex").slice(0, 16)) break;
    records.push(JSON.parse(body));
  }
  return records;
}

/** The last `base` with this digest and what follows it; undefined when the journal knows no such checkpoint. */
export function recordsAfter(
  records: readonly JournalRecord[],
  digest: string,
): { base: NonNullable<JournalRecord["base"]>; changes: JournalRecord[] } | undefined {
  const at = records.findLastIndex((record) => record.base?.digest === digest);
  const base = records[at]?.base;
  return base && { base, changes: records.slice(at + 1).filter((record) => record.base === undefined) };
}

/** The image of a checkpoint under the numbers of its `base`. */
export function imageOf(
  base: NonNullable<JournalRecord["base"]>,
  resources: readonly Json[],
  pendingOperations: readonly Json[],
): JournalImage {
  const operation = (index: number): { type: string; resource: Json } => {
    const { type, resource } = pendingOperations[index] ?? {};
    return { type: String(type), resource: (resource ?? {}) as Json };
  };
  return {
    states: new Map(base.order.map((number, index) => [number, resources[index] ?? {}])),
    order: [...base.order],
    operations: new Map(base.pending.map((number, index) => [number, operation(index)])),
    pending: [...base.pending],
  };
}

/** Applies records to an image, in place. */
export function replay(image: JournalImage, records: readonly JournalRecord[]): JournalImage {
  for (const { begin, change } of records) {
    if (begin) {
      image.operations.set(begin.operation, { type: begin.type, resource: begin.resource });
      image.pending.push(begin.operation);
    }
    if (change) applyDelta(image, change);
  }
  return image;
}

function applyDelta(image: JournalImage, delta: JournalDelta): void {
  for (const [number, state] of delta.put ?? []) image.states.set(number, state);
  if (delta.splice) image.order.splice(delta.splice[0], delta.splice[1], ...delta.splice[2]);
  for (const [number, type, resource] of delta.operations ?? [])
    image.operations.set(number, { type, resource });
  if (delta.pending) image.pending = delta.pending;
}

/** The shortest single splice that turns `before` into `after`; undefined when they are equal. */
export function spliceBetween(before: readonly number[], after: readonly number[]): JournalDelta["splice"] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const removed = before.length - head - tail;
  const inserted = after.slice(head, after.length - tail);
  return removed === 0 && inserted.length === 0 ? undefined : [head, removed, inserted];
}
