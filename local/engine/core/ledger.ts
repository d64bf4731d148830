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
import { makeProviderReference, makeUrn, parseProviderReference, parseUrn, STACK_TYPE } from "./urn.ts";

export class Ledger {
  readonly #request: DeploymentRequest;
  readonly #preview: boolean;
  #base: ResourceState[];
  #sealed = false;
  readonly #created: PendingOperation[];
  #news: ResourceState[] = [];
  readonly #done = new Set<ResourceState>();
  readonly #running = new Set<PendingOperation>();
  /** Urns of this run, each with the one under which it continues a resource. */
  readonly #formers = new Map<string, string>();
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
      ...((change.rewrite || this.#formers.size > 0) && { rewrite: true }),
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

  /** Notes that a resource is registered by another urn: once its state is there, what has the former one gets it too. */
  rename(former: string, urn: string): void {
    if (former !== urn) this.#formers.set(urn, former);
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
    const news = this.#news.filter(keep);
    const resources = [...news, ...this.#base.filter(keep)];
    const names = namesOf(news, resources, this.#formers);
    return {
      resources: names.size === 0 ? resources : resources.map((state) => renamed(state, names)),
      pendingOperations: [...this.#running, ...this.#created],
    };
  }
}

/** Former urns, each with the one that stands for it now; a child that was not registered yet is named after its parent. */
function namesOf(
  news: ResourceState[],
  resources: ResourceState[],
  formers: ReadonlyMap<string, string>,
): Map<string, string> {
  const names = new Map<string, string>();
  if (formers.size === 0) return names;
  for (const { urn } of news) {
    const former = formers.get(urn);
    if (former !== undefined) names.set(former, urn);
  }
  for (const { urn, parent } of resources) {
    const now = parent && names.get(parent);
    if (!now) continue;
    const { qualifiedType } = parseUrn(now);
    if (qualifiedType === STACK_TYPE) continue;
    const { stack, project, type, name } = parseUrn(urn);
    names.set(urn, makeUrn(stack, project, qualifiedType, type, name));
  }
  return names;
}

function renamed(state: ResourceState, names: ReadonlyMap<string, string>): ResourceState {
  const name = (urn: string) => names.get(urn) ?? urn;
  const { parent, provider, deletedWith, replaceWith } = state;
  const reference = provider && parseProviderReference(provider);
  return {
    ...state,
    urn: name(state.urn),
    ...(parent && { parent: name(parent) }),
    ...(reference && { provider: makeProviderReference(name(reference.urn), reference.id) }),
    ...(deletedWith && { deletedWith: name(deletedWith) }),
    ...(replaceWith && { replaceWith: replaceWith.map(name) }),
    dependencies: state.dependencies.map(name),
    propertyDependencies: renamedProperties(state.propertyDependencies, name),
  };
}

/** Where one of them has another name now, Pulumi leaves out what is empty. */
function renamedProperties(
  given: ResourceState["propertyDependencies"],
  name: (urn: string) => string,
): ResourceState["propertyDependencies"] {
  const entries = Object.entries(given);
  if (entries.every(([, urns]) => urns.every((urn) => name(urn) === urn))) return given;
  return Object.fromEntries(
    entries.flatMap(([property, urns]) => (urns.length === 0 ? [] : [[property, urns.map(name)]])),
  );
}
