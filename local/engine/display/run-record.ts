// What a display remembers of a run while its events arrive; no text here.
import { STACK_TYPE } from "../core/urn.ts";
import type { EngineEvent, PropertyMap, StepMetadata } from "../types.ts";

type Diagnostic = NonNullable<EngineEvent["diagnosticEvent"]>;

/** One resource as the run has treated it so far. */
export interface Row {
  urn: string;
  metadata: StepMetadata;
  state: "untouched" | "running" | "done" | "failed";
  startedAt: number;
  seconds: number;
}

/** The run so far. Feed every event to `add` in order. */
export class RunRecord {
  readonly preview: boolean;
  readonly diagnostics: Diagnostic[] = [];
  readonly rows = new Map<string, Row>();
  readonly #failed = new Set<string>();
  readonly stackUrn: string;
  /** Of the stack; `before` is undefined for a new one. */
  outputs: { before: PropertyMap | undefined; after: PropertyMap } | undefined;
  summary: EngineEvent["summaryEvent"];

  /** @param stackUrn also of a stack that is not there yet */
  constructor(preview: boolean, stackUrn: string) {
    this.preview = preview;
    this.stackUrn = stackUrn;
  }

  /** Takes one event; returns the row that it changed. */
  add(event: EngineEvent): Row | undefined {
    if (event.diagnosticEvent) {
      this.diagnostics.push(event.diagnosticEvent);
      if (event.diagnosticEvent.severity === "error")
        this.#failed.add(event.diagnosticEvent.urn || this.stackUrn);
      if (!event.diagnosticEvent.urn && !this.rowOf(undefined)) this.#addUntouchedStack();
    }
    if (event.summaryEvent) this.summary = event.summaryEvent;
    if (event.resourcePreEvent) return this.#start(event.resourcePreEvent.metadata);
    if (event.resOutputsEvent) return this.#finish(event.resOutputsEvent.metadata, "done");
    if (event.resOpFailedEvent) {
      this.#failed.add(event.resOpFailedEvent.metadata.urn);
      return this.#finish(event.resOpFailedEvent.metadata, "failed");
    }
    return undefined;
  }

  /** Stack outputs worth showing: a run that failed before the program gave any has none, and has removed none. */
  get shownOutputs(): RunRecord["outputs"] {
    const given = this.outputs && Object.keys(this.outputs.after).length > 0;
    return given || this.summary?.result === "succeeded" ? this.outputs : undefined;
  }

  /** The newest step of a resource; of the stack where no resource is named. */
  rowOf(urn: string | undefined): Row | undefined {
    const wanted = urn || this.stackUrn;
    return [...this.rows.values()].findLast((row) => row.urn === wanted);
  }

  /** What was said about a resource; about the run as a whole is about its stack. */
  saidOf(urn: string): Diagnostic[] {
    return this.diagnostics.filter((said) => (said.urn || this.stackUrn) === urn);
  }

  /** How many resources, the stack among them, had an error. */
  get errored(): number {
    return this.#failed.size;
  }

  /** What is said before the program has a stack, or where it never gets one, is said of the stack all the same. */
  #addUntouchedStack(): void {
    const metadata = { op: "same", urn: this.stackUrn, type: STACK_TYPE, old: null, new: null } as const;
    this.#add({ ...metadata, logical: true, provider: "" }).state = "untouched";
  }

  #start(metadata: StepMetadata): Row {
    if (metadata.type === STACK_TYPE) this.rows.delete(`${metadata.urn} same`);
    const row = this.#add(metadata);
    this.#watchStack(metadata);
    return row;
  }

  #add(metadata: StepMetadata): Row {
    const row: Row = {
      urn: metadata.urn,
      metadata,
      state: "running",
      startedAt: performance.now(),
      seconds: 0,
    };
    this.rows.set(`${metadata.urn} ${metadata.op}`, row);
    return row;
  }

  #finish(metadata: StepMetadata, state: "done" | "failed"): Row {
    const row = this.rows.get(`${metadata.urn} ${metadata.op}`) ?? this.#start(metadata);
    row.metadata = metadata;
    row.state = state;
    row.seconds = (performance.now() - row.startedAt) / 1000;
    this.#watchStack(metadata);
    return row;
  }

  #watchStack(metadata: StepMetadata): void {
    if (metadata.type !== STACK_TYPE) return;
    this.outputs = { before: metadata.old?.outputs, after: metadata.new?.outputs ?? {} };
  }
}
