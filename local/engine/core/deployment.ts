// What all parts of one run share: the request, the state, the providers, and which resources were seen for what.
import type { DeploymentRequest, ResourceState } from "../types.ts";
import type { Diagnostics } from "./diagnostics.ts";
import type { Ledger } from "./ledger.ts";
import type { ResourceProvider } from "./provider.ts";
import type { ProviderRegistry } from "./provider-registry.ts";
import { Targets } from "./targets.ts";
import { isProviderType } from "./urn.ts";

/** Urns by what the run has planned for them. */
export class Seen {
  readonly urns = new Set<string>();
  readonly reads = new Set<string>();
  readonly creates = new Set<string>();
  readonly sames = new Set<string>();
  readonly updates = new Set<string>();
  readonly replaces = new Set<string>();
  readonly deletes = new Set<string>();
  readonly imports = new Set<string>();
  readonly skippedCreates = new Set<string>();
  /** Named by --target, or dependent on what is. */
  readonly targeted = new Set<string>();
  /** Objects, not urns, whose deletion is planned because of a replacement. */
  readonly pendingDeletes = new Set<ResourceState>();
  /** Provider resources registered in this run. */
  readonly providers = new Map<string, ResourceState>();
  /** Keys for which a dependent of a delete-before-replace is replaced. */
  readonly dependentKeys = new Map<string, string[]>();
  /** Former urn to the urn that continues it. */
  readonly claimed = new Map<string, string>();
  /** Urn to the former urn that it continues. */
  readonly former = new Map<string, string>();

  /** True when a step for the urn was planned. */
  isSettled(urn: string): boolean {
    const { creates, sames, updates, deletes, replaces, reads } = this;
    return [creates, sames, updates, deletes, replaces, reads].some((set) => set.has(urn));
  }

  /** True when the old resource of this urn goes on or was taken over by another urn. */
  isContinued(urn: string): boolean {
    const current = this.claimed.get(urn) ?? urn;
    const { sames, updates, replaces, reads } = this;
    return [sames, updates, replaces, reads].some((set) => set.has(current));
  }
}

export class Deployment {
  readonly request: DeploymentRequest;
  readonly preview: boolean;
  readonly diagnostics: Diagnostics;
  readonly ledger: Ledger;
  readonly registry: ProviderRegistry;
  readonly targets: Targets;
  /** What --replace names. */
  readonly replaced: Targets;
  readonly seen = new Seen();
  /** True once a provider's check refused a resource. */
  refused = false;
  /** The stack before this run, or as a refresh found it. */
  resources: ResourceState[];
  olds: Map<string, ResourceState>;
  /** States that finished steps of this run made, reads included. */
  readonly news = new Map<string, ResourceState>();

  constructor(
    request: DeploymentRequest,
    diagnostics: Diagnostics,
    ledger: Ledger,
    registry: ProviderRegistry,
  ) {
    this.request = request;
    this.preview = request.kind === "preview" || request.dryRun === true;
    this.diagnostics = diagnostics;
    this.ledger = ledger;
    this.registry = registry;
    this.targets = new Targets(request.targets);
    this.replaced = new Targets(request.replace);
    this.resources = request.base.resources;
    this.olds = byUrn(this.resources);
  }

  /** Starts over from what a refresh found. */
  rebase(resources: ResourceState[]): void {
    this.resources = resources;
    this.olds = byUrn(resources);
  }

  /** What of these names nothing that is or was in the stack; what is still to be deleted is in it. */
  unknownOf(targets: Targets): string[] {
    const olds = new Set(this.resources.map(({ urn }) => urn));
    return targets.unknown((urn) => olds.has(urn) || this.news.has(urn));
  }

  /** Says that the run failed, after the reasons were told. */
  failed(): "failed" {
    this.diagnostics.error("", `${this.preview ? "preview" : "update"} failed`);
    return "failed";
  }

  canceled(): "canceled" {
    this.diagnostics.error("", `${this.preview ? "preview" : "update"} canceled`);
    return "canceled";
  }

  /** The time as Pulumi writes it: without zeros at the end, so that either engine keeps the other's text. */
  now(): string {
    return (this.request.clock?.() ?? new Date()).toISOString().replace(/\.?0+Z$/, "Z");
  }

  /** Who checks, compares and changes this resource; undefined for components. @throws when its provider is missing */
  async providerFor(state: ResourceState): Promise<ResourceProvider | undefined> {
    if (!state.custom) return undefined;
    if (isProviderType(state.type)) return this.registry;
    if (!state.provider) throw new Error(`resource "${state.urn}": has no provider`);
    const provider = this.registry.get(state.provider);
    if (!provider) throw new Error(`unknown provider '${state.provider}' for resource '${state.urn}'`);
    return provider;
  }

  /** Makes the provider of an old resource available. */
  async ensureProvider(state: ResourceState): Promise<void> {
    await this.registry.ensure(state.provider, this.resources);
  }
}

function byUrn(resources: ResourceState[]): Map<string, ResourceState> {
  return new Map(resources.filter((state) => !state.delete).map((state) => [state.urn, state]));
}
