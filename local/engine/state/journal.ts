// The journal of one update: an append-only file beside the checkpoint, durable after every step, folded into the
// checkpoint when it has outgrown it, when some seconds have passed, and at the end. So a first update of many resources
// writes each of them a bounded number of times, and Pulumi's own file is never far behind.
// Reading a journal back is recovery.ts.
import { copyFile, type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Journal, JournalChange, PendingOperation, ResourceState, Snapshot } from "../types.ts";
import { syncFolder, writeAtomically } from "./atomic-file.ts";
import { digestOf, type JournalNote, noteLine, spliceBetween } from "./journal-record.ts";

const FOLD_BYTES = 1 << 20;
const FOLD_SECONDS = 10;

type Change = NonNullable<JournalNote["change"]>;

/** What the journal needs of the stack that it records. */
export interface JournalStack {
  paths: { file: string; previous: string; journal: string };
  /** Text of the checkpoint as it is on disk. */
  checkpoint: string;
  /** The snapshot read from it; states and operations in its order. */
  base: Snapshot;
  /** Sealed JSON text of the state at `index` of `base`, as the checkpoint holds it. */
  baseText(index: number): string;
  /** Sealed JSON text of one state. */
  textOf(state: ResourceState): string;
  /** Whole checkpoint around state texts. */
  render(resources: string[], pending: PendingOperation[], snapshot: Snapshot): string;
}

/** Records a run. Ends with `close`, or with `leave` where there is no last state. */
export class StackJournal implements Journal {
  readonly #stack: JournalStack;
  readonly #numbers = new WeakMap<object, number>();
  readonly #texts = new Map<number, string>();
  readonly #begun = new Set<PendingOperation>();
  #order: number[];
  #pending: number[];
  #next: number;
  #checkpoint: string;
  #leftovers: PendingOperation[];
  #keptPrevious = false;

  #file: FileHandle | undefined;
  #lines: string[] = [];
  #flushDurably = false;
  #flushing: Promise<void> | undefined;
  #folding: Promise<void> | undefined;
  #bytesSinceFold = 0;
  #lastFold = performance.now();

  constructor(stack: JournalStack) {
    this.#stack = stack;
    this.#checkpoint = stack.checkpoint;
    this.#leftovers = stack.base.pendingOperations;
    const count = stack.base.resources.length;
    this.#order = stack.base.resources.map((state, index) => this.#number(state, index));
    this.#pending = stack.base.pendingOperations.map((operation, index) =>
      this.#number(operation, count + index),
    );
    this.#next = count + this.#pending.length;
    this.#lines.push(noteLine(this.#baseNote(stack.checkpoint)));
  }

  async begin(operation: PendingOperation): Promise<void> {
    const number = this.#number(operation, this.#next++);
    this.#begun.add(operation);
    this.#pending = [...this.#pending, number];
    const resource = this.#stack.textOf(operation.resource);
    await this.#append({ begin: { operation: number, type: operation.type, resource } }, true);
  }

  async end(
    operation: PendingOperation | undefined,
    snapshot: () => Snapshot,
    changed: JournalChange,
  ): Promise<void> {
    if (operation) this.#begun.delete(operation);
    const now = snapshot();
    const change = this.#difference(now, changed);
    // A step that called no provider is repeated by the next run if a power cut takes its line.
    if (change) await this.#append({ change }, operation !== undefined);
    if (this.#foldIsDue()) await this.#fold(now);
  }

  /** Writes the last state into the checkpoint and removes the journal. Returns the checkpoint's text. */
  async close(snapshot: Snapshot): Promise<string> {
    await this.#folding;
    this.#difference(snapshot, { rewrite: true });
    const text = this.#render(snapshot);
    if (this.#file) await this.#append(this.#baseNote(text), true);
    await this.#writeCheckpoint(text);
    await this.#file?.close();
    await rm(this.#stack.paths.journal, { force: true });
    return text;
  }

  /** Ends without a last state, as a killed run would: the journal stays for the next command. */
  async leave(): Promise<void> {
    await Promise.allSettled([this.#folding, this.#flushing]);
    await this.#file?.close();
  }

  #number(subject: object, number: number): number {
    this.#numbers.set(subject, number);
    return number;
  }

  // What is new is found by comparing the snapshot with the numbers recorded so far, state by state; `changed` only
  // tells which of the states known already have another content now.
  #difference(now: Snapshot, changed: JournalChange): Change | undefined {
    const put: Change["put"] = [];
    const altered = new Set(
      changed.rewrite ? now.resources : [...(changed.alter ?? []), ...(changed.put ?? [])],
    );
    const superseded = new Map(changed.drop?.map((state) => [state.urn, this.#numbers.get(state)]));
    const order = now.resources.map((state) => {
      const known = this.#numbers.get(state);
      if (known !== undefined && !altered.has(state)) return known;
      const text = this.#stack.textOf(state);
      const before = known ?? superseded.get(state.urn);
      if (before !== undefined && this.#textOf(before) === text) return this.#number(state, before);
      const number = this.#number(state, known ?? this.#next++);
      this.#texts.set(number, text);
      put.push([number, text]);
      return number;
    });
    const splice = spliceBetween(this.#order, order);
    this.#order = order;
    const { pending, operations } = this.#pendingDifference(now);
    if (put.length === 0 && !splice && !pending) return undefined;
    return { put, operations, ...(splice && { splice }), ...(pending && { pending }) };
  }

  #pendingDifference(now: Snapshot): { pending?: number[]; operations: Change["operations"] } {
    this.#leftovers = now.pendingOperations;
    const operations: Change["operations"] = [];
    const pending = this.#pendingOperations().map((operation) => {
      const known = this.#numbers.get(operation);
      if (known !== undefined) return known;
      const fresh = this.#number(operation, this.#next++);
      operations.push([fresh, operation.type, this.#stack.textOf(operation.resource)]);
      return fresh;
    });
    const same = pending.join() === this.#pending.join();
    this.#pending = pending;
    return same ? { operations } : { pending, operations };
  }

  // Those that earlier runs left and those that this run has begun and not ended.
  #pendingOperations(): PendingOperation[] {
    return [...new Set([...this.#leftovers, ...this.#begun])];
  }

  #textOf(number: number): string {
    return this.#texts.get(number) ?? this.#stack.baseText(number);
  }

  #baseNote(checkpoint: string): JournalNote {
    return { base: { digest: digestOf(checkpoint), order: this.#order, pending: this.#pending } };
  }

  #render(now: Snapshot): string {
    return this.#stack.render(
      this.#order.map((number) => this.#textOf(number)),
      this.#pendingOperations(),
      now,
    );
  }

  #foldIsDue(): boolean {
    if (this.#folding || this.#bytesSinceFold === 0) return false;
    const seconds = (performance.now() - this.#lastFold) / 1000;
    return this.#bytesSinceFold > Math.max(FOLD_BYTES, this.#checkpoint.length) || seconds > FOLD_SECONDS;
  }

  // Everything up to the first await sees one moment of the run; what is appended later follows the new base.
  async #fold(now: Snapshot): Promise<void> {
    const text = this.#render(now);
    this.#checkpoint = text;
    this.#folding = this.#append(this.#baseNote(text), true).then(() => this.#writeCheckpoint(text));
    this.#bytesSinceFold = 0;
    this.#lastFold = performance.now();
    try {
      await this.#folding;
    } finally {
      this.#folding = undefined;
    }
  }

  async #writeCheckpoint(text: string): Promise<void> {
    const { file, previous } = this.#stack.paths;
    if (!this.#keptPrevious) await copyFile(file, previous);
    this.#keptPrevious = true;
    await writeAtomically(file, text);
  }

  // Lines that arrive while a write is under way share the next one.
  async #append(note: JournalNote, durable: boolean): Promise<void> {
    const line = noteLine(note);
    this.#lines.push(line);
    this.#bytesSinceFold += line.length;
    if (durable) this.#flushDurably = true;
    this.#flushing = this.#flushing !== undefined ? this.#flushing.then(() => this.#flush()) : this.#flush();
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    const durable = this.#flushDurably;
    this.#lines = [];
    this.#flushDurably = false;
    const created = this.#file === undefined;
    this.#file ??= await open(this.#stack.paths.journal, "w", 0o600);
    await this.#file.appendFile(lines.join(""));
    if (durable) await this.#file.datasync();
    if (created) await syncFolder(dirname(this.#stack.paths.journal));
  }
}
