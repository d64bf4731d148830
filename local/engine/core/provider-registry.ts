// Providers as resources: loads, checks, compares and configures them, and hands the configured ones to the resources
// that refer to them as `<urn>::<id>`. A provider that was checked and is not yet created, updated or kept is pending.
import type { PropertyMap, ResourceState } from "../types.ts";
import { UNKNOWN } from "../types.ts";
import type { CheckReply, Plugin, ReadReply } from "./plugin.ts";
import type { PluginHost } from "./plugin-host.ts";
import type { Diff } from "./property-diff.ts";
import { noDiff } from "./property-diff.ts";
import { callOf, type DiffRequest, HostedProvider, type ResourceProvider } from "./provider.ts";
import { makeProviderReference, packageOfProvider, parseProviderReference, parseUrn } from "./urn.ts";
import { annotateSecrets, containsUnknowns, equal } from "./values.ts";

/** Entries that are the engine's own and no configuration. */
const INTERNAL = "__internal";

export class ProviderRegistry implements ResourceProvider {
  readonly #host: PluginHost;
  readonly #preview: boolean;
  readonly #uniqueId: () => string;
  readonly #configured = new Map<string, Promise<HostedProvider>>();
  readonly #pending = new Map<string, Plugin>();

  constructor(host: PluginHost, preview: boolean, uniqueId: () => string) {
    this.#host = host;
    this.#preview = preview;
    this.#uniqueId = uniqueId;
  }

  /** The configured provider that a reference names; undefined when this run has none yet. */
  get(reference: string): Promise<HostedProvider> | undefined {
    return this.#configured.get(reference);
  }

  async check(urn: string, olds: PropertyMap, news: PropertyMap): Promise<CheckReply> {
    const plugin = await this.#host.load(packageOfProvider(parseUrn(urn).type));
    this.#pending.set(urn, plugin);
    const configuration = withoutInternal(news);
    const reply = await plugin.checkConfig(callOf(urn), withoutInternal(olds), configuration);
    if (!reply) return { inputs: news, failures: [] };
    annotateSecrets(reply.inputs, configuration);
    const inputs: PropertyMap = { ...reply.inputs };
    for (const key of ["version", INTERNAL]) {
      const value = news[key];
      if (value !== undefined) inputs[key] = value;
    }
    return { inputs, failures: reply.failures };
  }

  async diff(request: DiffRequest): Promise<Diff> {
    const { urn, oldInputs, oldOutputs, newInputs } = request;
    const plugin = this.#pending.get(urn) ?? (await this.get(makeProviderReference(urn, request.id)))?.plugin;
    const news = withoutInternal(newInputs);
    const diff =
      plugin && (await plugin.diffConfig(callOf(urn), withoutInternal(oldInputs), oldOutputs, news));
    if (diff && diff.changes !== "unknown") return diff;
    return { ...noDiff(), changes: equal(oldOutputs, news) ? "none" : "some" };
  }

  /** True when the new provider's own comparison says that resources of the old one must be replaced. */
  async mustReplaceResources(old: ResourceState, next: ResourceState, reference: string): Promise<boolean> {
    const provider = await this.get(reference);
    if (!provider) throw new Error(`provider "${reference}": not registered in this run`);
    const news = withoutInternal(next.inputs);
    const diff = await provider.plugin.diffConfig(
      callOf(next.urn),
      withoutInternal(old.inputs),
      old.outputs,
      news,
    );
    return diff !== undefined && diff.replaceKeys.length > 0;
  }

  async create(state: ResourceState): Promise<{ id: string; outputs: PropertyMap }> {
    const id = this.#preview ? UNKNOWN : this.#uniqueId();
    const outputs = withoutInternal(state.inputs);
    await this.#configure(state.urn, id, outputs);
    return { id, outputs };
  }

  async update(old: ResourceState, state: ResourceState): Promise<PropertyMap> {
    const outputs = withoutInternal(state.inputs);
    await this.#configure(state.urn, old.id ?? "", outputs);
    return outputs;
  }

  /** Keeps a provider as it was: with its old inputs. */
  async same(old: ResourceState, urn: string): Promise<void> {
    await this.#configure(urn, old.id ?? "", withoutInternal(old.inputs));
  }

  /**
   * Makes a provider of an earlier run available, whose resources this one deletes, reads or compares; also one that
   * was replaced and is still to be deleted.
   */
  async ensure(reference: string | undefined, olds: readonly ResourceState[]): Promise<void> {
    if (!reference || this.#configured.has(reference)) return;
    const { urn, id } = parseProviderReference(reference);
    const old = olds.find((state) => state.urn === urn && state.id === id);
    if (!old) throw new Error(`provider "${reference}": not in the state of the stack`);
    await this.#configure(urn, id, withoutInternal(old.inputs));
  }

  /** Registers that a provider is known under another urn, too. */
  alias(urn: string, former: string, id: string | undefined): void {
    const provider = id === undefined ? undefined : this.#configured.get(makeProviderReference(urn, id));
    if (provider && id !== undefined) this.#configured.set(makeProviderReference(former, id), provider);
  }

  async read(): Promise<ReadReply> {
    throw new Error("a provider cannot be read");
  }

  async delete(): Promise<void> {
    // Nothing exists outside this run; the plugin ends with the deployment, since others may still need it.
  }

  async #configure(urn: string, id: string, inputs: PropertyMap): Promise<void> {
    const reference = makeProviderReference(urn, id);
    const configured = this.#open(urn, id, inputs);
    configured.catch(() => {});
    this.#configured.set(reference, configured);
    await configured;
  }

  async #open(urn: string, id: string, inputs: PropertyMap): Promise<HostedProvider> {
    const call = callOf(urn);
    const pending = this.#pending.get(urn);
    this.#pending.delete(urn);
    const plugin = pending ?? (await this.#host.load(packageOfProvider(call.type)));
    if (containsUnknowns(inputs)) return new HostedProvider(plugin, undefined, this.#preview);
    const capabilities = await plugin.configure({ ...call, id }, inputs);
    return new HostedProvider(plugin, capabilities, this.#preview);
  }
}

function withoutInternal(map: PropertyMap): PropertyMap {
  if (map[INTERNAL] === undefined) return map;
  const { [INTERNAL]: _internal, ...rest } = map;
  return rest;
}
