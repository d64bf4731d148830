// The state of the stack while a deployment runs: what it was, what each finished step made of it, what is under way.
// Tells the journal of every change; in a preview nobody is told.
import type {
  DeploymentRequest,
  JournalChange,
  OperationType,
  PendingOperation,
  ResourceState,
  Snapshot,
} from "../types.ts";
import { makeProviderReference, parseProviderReference } from "./urn.ts";

export class Ledger {
  readonly #request: DeploymentRequest;
  readonly #preview: boolean;
  #base: ResourceState[];
  #sealed = false;
  readonly #created: PendingOperation[];
  #news: ResourceState[] = [];
  readonly #done = new Set<ResourceState>();
  readonly #running = new Set<PendingOperation>();
  readonly #renamed = new Map<string, string>();
  #untold: { put: ResourceState[]; drop: ResourceState[] } = { put: [], drop: [] };

  constructor(request: DeploymentRequest) {
    this.#request = request;
    this.#preview = request.kind === "preview" || request.dryRun === true;
    this.#base = request.base.resources;
    this.#created = request.clearPendingCreates
      ? []
      : request.base.pendingOperations.filter(({ type }) => type === "creating");
  }

  /** Tells the journal nothing more: the run was given up, and what is under way must stay on record. */
  seal(): void {
    this.#sealed = true;
  }

  /** Records that an operation is about to reach a provider. */
  async begin(type: OperationType, resource: ResourceState): Promise<PendingOperation> {
    if (this.#sealed) throw new Error("the run was given up");
    // A run killed from here on leaves the resources in the order of this run.
    if (this.#untold.put.length > 0) await this.end(undefined);
    const operation = { type, resource };
    this.#running.add(operation);
    if (!this.#preview) await this.#request.journal.begin(operation);
    return operation;
  }

  /** Records the outcome of an operation, or a change that needed none. */
  async end(operation: PendingOperation | undefined, change: JournalChange = {}): Promise<void> {
    if (this.#sealed) return;
    if (operation) this.#running.delete(operation);
    this.#apply(change);
    if (this.#preview) return;
    const { put, drop } = this.#untold;
    this.#untold = { put: [], drop: [] };
    await this.#request.journal.end(operation, () => this.snapshot(), {
      put: [...put, ...(change.put ?? [])],
      drop: [...drop, ...(change.drop ?? [])],
      ...(change.alter && { alter: change.alter }),
      ...((change.rewrite || this.#renamed.size > 0) && { rewrite: true }),
    });
  }

  /** Notes a resource that stays as it is: the journal hears of its place with the next change. */
  keep(old: ResourceState, state: ResourceState): void {
    this.#apply({ put: [state], drop: [old] });
    this.#untold.put.push(state);
    this.#untold.drop.push(old);
  }

  /** Forgets an old resource that never was (a creation left out by a target). */
  forget(old: ResourceState): void {
    this.#done.add(old);
  }

  /** Notes that a resource is known by another urn now: what refers to it is told apart in the snapshot. */
  rename(former: string, urn: string): void {
    if (former !== urn) this.#renamed.set(former, urn);
  }

  /** Replaces what the stack was by what a refresh found. */
  async rebase(resources: ResourceState[]): Promise<void> {
    this.#base = resources;
    this.#news = [];
    this.#done.clear();
    this.#untold = { put: [], drop: [] };
    await this.end(undefined, { rewrite: true });
  }

  #apply({ put, drop }: JournalChange): void {
    for (const state of drop ?? []) this.#done.add(state);
    for (const state of put ?? []) this.#news.push(state);
  }

  /** The stack as it is now: this run's resources in the order they were finished, then those not touched yet. */
  snapshot(): Snapshot {
    const keep = (state: ResourceState) => !this.#done.has(state);
    const resources = [...this.#news.filter(keep), ...this.#base.filter(keep)];
    return {
      resources:
        this.#renamed.size === 0 ? resources : resources.map((state) => renamed(state, this.#renamed)),
      pendingOperations: [...this.#running, ...this.#created],
    };
  }
}

function renamed(state: ResourceState, names: ReadonlyMap<string, string>): ResourceState {
  const name = (urn: string) => names.get(urn) ?? urn;
  const { parent, provider, deletedWith, replaceWith } = state;
  const reference = provider && parseProviderReference(provider);
  return {
    ...state,
    ...(parent && { parent: name(parent) }),
    ...(reference && { provider: makeProviderReference(name(reference.urn), reference.id) }),
    ...(deletedWith && { deletedWith: name(deletedWith) }),
    ...(replaceWith && { replaceWith: replaceWith.map(name) }),
    dependencies: state.dependencies.map(name),
    propertyDependencies: Object.fromEntries(
      Object.entries(state.propertyDependencies).map(([property, urns]) => [property, urns.map(name)]),
    ),
  };
}
