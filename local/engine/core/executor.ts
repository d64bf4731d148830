// Runs chains of steps, a bounded number at once; the steps of a chain one after the other. Tells the outside, the
// ledger and the program of each. After a failure running steps finish and nothing new starts.
import type { OperationType, ResourceState } from "../types.ts";
import { isSecret } from "../value-kinds.ts";
import { apply, DeleteProtected } from "./apply.ts";
import type { Deployment } from "./deployment.ts";
import { messageOf } from "./diagnostics.ts";
import { InitFailure, ProviderFailure } from "./plugin.ts";
import { resourceOf, type Step } from "./step.ts";
import { isInternal, type StepEvents } from "./step-events.ts";
import { isProviderType } from "./urn.ts";
import { equal, makeSecret } from "./values.ts";

const OPERATIONS: { [op: string]: OperationType } = {
  create: "creating",
  "create-replacement": "creating",
  update: "updating",
  delete: "deleting",
  "delete-replaced": "deleting",
  read: "reading",
  "read-replacement": "reading",
  import: "importing",
  "import-replacement": "importing",
};

export class Executor {
  readonly #deployment: Deployment;
  readonly #events: StepEvents;
  readonly #limit: number;
  readonly #running = new Set<Promise<boolean>>();
  readonly #stop = new AbortController();
  /** Steps of components whose outputs are still to come. */
  readonly pendingOutputs = new Map<string, Step>();
  readonly failedSteps: Step[] = [];
  sawError = false;

  constructor(deployment: Deployment, events: StepEvents, parallel: number) {
    this.#deployment = deployment;
    this.#events = events;
    this.#limit = Math.max(1, parallel);
  }

  /** Aborts when no further step will start. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Takes a chain once a place is free and gives its outcome as `done`: false when it failed or did not run. */
  async start(chain: Step[]): Promise<{ done: Promise<boolean> }> {
    while (this.#running.size >= this.#limit) await Promise.race(this.#running);
    if (this.stopped.aborted) return { done: Promise.resolve(false) };
    const done = this.#runChain(chain).finally(() => this.#running.delete(done));
    this.#running.add(done);
    return { done };
  }

  /** Runs steps that do not depend on each other, and waits for all of them. */
  async runLayer(steps: Step[]): Promise<void> {
    const started: Promise<boolean>[] = [];
    for (const step of steps) started.push((await this.start([step])).done);
    await Promise.all(started);
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #runChain(chain: Step[]): Promise<boolean> {
    for (const step of chain) {
      if (this.stopped.aborted) return false;
      const outcome = this.#runStep(step);
      if (!(await outcome)) return false;
    }
    return true;
  }

  async #runStep(step: Step): Promise<boolean> {
    const { ledger } = this.#deployment;
    this.#events.before(step);
    try {
      const operation = callsProvider(step)
        ? await ledger.begin(OPERATIONS[step.op] ?? "updating", step.new ?? resourceOf(step))
        : undefined;
      let failure: unknown;
      try {
        await apply(step, this.#deployment);
      } catch (error) {
        failure = error;
      }
      if (failure === undefined || failure instanceof InitFailure) {
        this.#finishState(step);
        if (step.logical && step.new && failure === undefined) this.pendingOutputs.set(step.urn, step);
      }
      this.#tell(step, failure);
      await this.#record(step, operation, failure);
      if (failure === undefined) {
        this.#answer(step, "success");
        return true;
      }
      this.#fail(step, failure);
      return false;
    } catch (error) {
      this.#deployment.diagnostics.error(step.urn, messageOf(error));
      this.#fail(step, error);
      return false;
    }
  }

  /** Secrets of inputs and of additionalSecretOutputs stay secret in outputs. */
  #finishState(step: Step): void {
    const state = step.new;
    if (!state || step.op === "replace") return;
    const outputs = { ...state.outputs };
    for (const key of state.additionalSecretOutputs) {
      if (key === "id") {
        this.#deployment.diagnostics.warning(step.urn, "The 'id' property cannot be made secret.");
      }
      const value = outputs[key];
      if (key !== "id" && value !== undefined) outputs[key] = makeSecret(value);
    }
    for (const key in outputs) {
      const value = outputs[key];
      if (value !== undefined && isSecret(state.inputs[key])) outputs[key] = makeSecret(value);
    }
    state.outputs = outputs;
    this.#deployment.news.set(state.urn, state);
  }

  #tell(step: Step, failure: unknown): void {
    const { preview, diagnostics } = this.#deployment;
    if (failure !== undefined) {
      const message = messageOf(failure);
      diagnostics.error(isInternal(step) ? "" : step.urn, preview ? `Preview failed: ${message}` : message);
      if (!preview) this.#events.failed(step, failure instanceof ProviderFailure ? failure.status : 0);
      return;
    }
    if (step.logical && (step.op !== "read" || readChanged(step))) this.#events.record(step);
    if (preview || resourceOf(step).custom || step.op === "delete") this.#events.after(step);
  }

  async #record(
    step: Step,
    operation: Parameters<Deployment["ledger"]["end"]>[0],
    failure: unknown,
  ): Promise<void> {
    const { ledger } = this.#deployment;
    const { old, new: next } = step;
    if (failure !== undefined && !(failure instanceof InitFailure)) {
      if (operation) await ledger.end(operation);
      return;
    }
    switch (step.op) {
      case "replace":
        return;
      case "same":
        if (!old || !next) return;
        if (step.skippedCreate) return ledger.forget(old);
        ledger.keep(old, next);
        if (differs(old, next)) await ledger.end(undefined);
        return;
      case "delete":
      case "delete-replaced":
      case "discard":
      case "discard-replaced":
        if (!old) return;
        return ledger.end(operation, step.pendingReplacement ? { alter: [old] } : { drop: [old] });
      case "remove-pending-replace":
        return ledger.end(operation, { drop: old ? [old] : [] });
      // After a read-replacement the object that it replaces is deleted by what this run knows; the state has it no more.
      case "create-replacement":
      case "import-replacement":
        return ledger.end(operation, {
          put: next ? [next] : [],
          ...(old && (old.pendingReplacement ? { drop: [old] } : { alter: [old] })),
        });
      default:
        return ledger.end(operation, { put: next ? [next] : [], drop: old ? [old] : [] });
    }
  }

  #fail(step: Step, failure: unknown): void {
    this.sawError = true;
    if (this.#deployment.request.continueOnError || failure instanceof DeleteProtected) {
      this.failedSteps.push(step);
      this.#answer(step, "fail");
    } else this.stop();
  }

  /** Answers the program for a step that will not run because what it needs failed. */
  skip(step: Step): void {
    this.#answer(step, "skip");
  }

  #answer(step: Step, result: "success" | "fail" | "skip"): void {
    const state = step.new;
    if (!state) return;
    step.registration?.done({ state, result, unknown: step.skippedCreate === true });
    step.read?.done({ state, result });
  }
}

/** True when a step reaches something outside this process, so that a crash in it must be noticed. */
function callsProvider(step: Step): boolean {
  const { custom, type } = resourceOf(step);
  return custom && !isProviderType(type) && OPERATIONS[step.op] !== undefined;
}

function readChanged(step: Step): boolean {
  return step.old !== undefined && step.new !== undefined && !equal(step.old.outputs, step.new.outputs);
}

/** True when a resource that stays has something to save. */
function differs(old: ResourceState, next: ResourceState): boolean {
  const { inputs, outputs, dependencies, propertyDependencies, ...rest } = next;
  const before: { [key: string]: unknown } = { ...old };
  const after: { [key: string]: unknown } = { ...rest };
  const ignored = new Set([
    "inputs",
    "outputs",
    "dependencies",
    "propertyDependencies",
    "sourcePosition",
    "stackTrace",
  ]);
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (!ignored.has(key) && JSON.stringify(before[key]) !== JSON.stringify(after[key])) return true;
  }
  if (!equal(old.inputs, inputs) || !equal(old.outputs, outputs)) return true;
  if (!sameSet(old.dependencies, dependencies)) return true;
  return Object.entries(propertyDependencies).some(
    ([key, urns]) => !sameSet(old.propertyDependencies[key] ?? [], urns),
  );
}

function sameSet(a: string[], b: string[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === new Set(a).size;
}
