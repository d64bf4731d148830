// How steps are told to the outside: the official engine's resource events, and the counts of the summary.
import type { EngineEvent, ResourceState, StepMetadata, StepOp, StepState } from "../types.ts";
import { resourceOf, type Step } from "./step.ts";
import { isDefaultProvider, isProviderType } from "./urn.ts";

export function metadataOf(step: Step, op: StepOp = step.op): StepMetadata {
  const resource = resourceOf(step);
  return {
    op,
    urn: step.urn,
    type: resource.type,
    old: stateOf(step.old),
    new: stateOf(step.new),
    ...(step.keys && step.keys.length > 0 && { keys: step.keys }),
    ...(step.diffs && step.diffs.length > 0 && { diffs: step.diffs }),
    detailedDiff: step.detailedDiff ?? null,
    logical: step.logical,
    provider: resource.provider ?? "",
  };
}

function stateOf(state: ResourceState | undefined): StepState | null {
  if (!state) return null;
  return {
    urn: state.urn,
    type: state.type,
    ...(state.custom && { custom: true }),
    ...(state.delete && { delete: true }),
    id: state.id ?? "",
    parent: state.parent ?? "",
    ...(state.protect && { protect: true }),
    inputs: state.inputs,
    outputs: state.outputs,
    provider: state.provider ?? "",
    ...(state.initErrors.length > 0 && { initErrors: state.initErrors }),
  };
}

/** Default providers: their steps are neither counted nor shown. */
export function isInternal(step: Step): boolean {
  return isProviderType(resourceOf(step).type) && isDefaultProvider(step.urn);
}

/** What is read belongs to others: that it is looked at no more changes nothing either. */
const UNCHANGING = new Set(["same", "read", "read-replacement", "discard"]);

/** Tells what happens to steps, and counts it. */
export class StepEvents {
  readonly #emit: (event: EngineEvent) => void;
  readonly changes: { [op: string]: number } = {};
  #count = 0;
  /** True when a failed operation may have left an object that nobody knows of. */
  maybeCorrupt = false;

  constructor(emit: (event: EngineEvent) => void) {
    this.#emit = emit;
  }

  before(step: Step): void {
    this.#emit({ resourcePreEvent: { metadata: metadataOf(step) } });
  }

  after(step: Step, op: StepOp = step.op): void {
    this.#emit({ resOutputsEvent: { metadata: metadataOf(step, op) } });
  }

  failed(step: Step, status: number): void {
    if (status === 2) this.maybeCorrupt = true;
    this.#emit({ resOpFailedEvent: { metadata: metadataOf(step), status, steps: this.#count } });
  }

  /** Counts a step for the summary. */
  record(step: Step, op: StepOp = step.op): void {
    if (isInternal(step)) return;
    this.#count++;
    this.changes[op] = (this.changes[op] ?? 0) + 1;
  }

  /** True when a step changed something. */
  get changed(): boolean {
    return Object.entries(this.changes).some(([op, count]) => count > 0 && !UNCHANGING.has(op));
  }
}
