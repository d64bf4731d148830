// One thing to do to one resource, as the generator plans it and the executor carries it out. No behaviour.
import type { ResourceState, StepOp } from "../types.ts";
import type { ReadRegistration, Registration } from "./goal.ts";
import type { DetailedDiff } from "./property-diff.ts";

export interface Step {
  op: StepOp;
  urn: string;
  /** State before; absent for a first creation. */
  old?: ResourceState | undefined;
  /** State after, filled in while the step runs; absent when the resource goes. */
  new?: ResourceState | undefined;
  /** Told when the step is over. */
  registration?: Registration | undefined;
  read?: ReadRegistration | undefined;
  /** False for the physical half of a replacement. */
  logical: boolean;
  keys?: string[];
  diffs?: string[];
  detailedDiff?: DetailedDiff | undefined;
  /** create-replacement: the old object is deleted at the end of the run. */
  pendingDelete?: boolean;
  /** delete-replaced before its replacement: the entry stays, marked, until that exists. */
  pendingReplacement?: boolean;
  /** same of a resource that a target leaves out and that does not exist. */
  skippedCreate?: boolean;
  untargeted?: boolean;
  /** 32 random bytes that every Check of one registration shares. */
  randomSeed?: Uint8Array;
  /** What the program waits for when the step's outcome steers what is planned next (imports). */
  settled?(state: ResourceState | undefined, error: unknown): void;
}

/** The state that a step is about: the old one of a deletion, else the new one. */
export function resourceOf(step: Step): ResourceState {
  const state = step.new ?? step.old;
  if (!state) throw new Error(`step "${step.op} ${step.urn}": has neither old nor new state`);
  return state;
}
