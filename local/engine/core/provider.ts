// One configured provider: what the step machinery calls. Turns property values into the form that its plugin takes,
// marks secrets again in what comes back, and answers by itself where a preview or an unknown configuration forbids
// calling the plugin.
import type { PropertyMap, ResourceState } from "../types.ts";
import { restoreContents } from "./assets.ts";
import {
  type Capabilities,
  type CheckReply,
  InitFailure,
  type Plugin,
  ProviderFailure,
  type ReadReply,
} from "./plugin.ts";
import type { Diff } from "./property-diff.ts";
import { parseUrn } from "./urn.ts";
import {
  annotateSecrets,
  containsSecrets,
  makeSecret,
  mapHashOnly,
  mapKnown,
  mapWithoutReferences,
  mapWithoutSecrets,
} from "./values.ts";

/** What can be asked about resources of one kind; providers themselves are one kind, too. */
export interface ResourceProvider {
  check(urn: string, olds: PropertyMap, news: PropertyMap, randomSeed: Uint8Array): Promise<CheckReply>;
  /** @throws DiffUnavailable when the provider's configuration is not known yet */
  diff(request: DiffRequest): Promise<Diff>;
  create(state: ResourceState): Promise<{ id: string; outputs: PropertyMap }>;
  update(old: ResourceState, state: ResourceState): Promise<PropertyMap>;
  read(state: ResourceState, inputs: PropertyMap, outputs: PropertyMap): Promise<ReadReply>;
  delete(old: ResourceState): Promise<void>;
}

export interface DiffRequest {
  urn: string;
  id: string;
  oldInputs: PropertyMap;
  oldOutputs: PropertyMap;
  newInputs: PropertyMap;
  ignoreChanges: string[];
  allowUnknowns: boolean;
}

/** No comparison is possible: the provider cannot be configured before an update. */
export class DiffUnavailable extends Error {}

/** The plugin with what is known of its configuration: undefined capabilities mean that it is not known yet. */
export class HostedProvider implements ResourceProvider {
  readonly plugin: Plugin;
  readonly capabilities: Capabilities | undefined;
  readonly #preview: boolean;

  constructor(plugin: Plugin, capabilities: Capabilities | undefined, preview: boolean) {
    this.plugin = plugin;
    this.capabilities = capabilities;
    this.#preview = preview;
  }

  async check(
    urn: string,
    olds: PropertyMap,
    news: PropertyMap,
    randomSeed: Uint8Array,
  ): Promise<CheckReply> {
    const { capabilities } = this;
    if (!capabilities) return { inputs: news, failures: [] };
    const keep = this.#preview;
    const reply = await this.plugin.check(
      callOf(urn),
      lowered(olds, capabilities, keep),
      lowered(news, capabilities, keep),
      randomSeed,
    );
    if (!capabilities.acceptSecrets) annotateSecrets(reply.inputs, news);
    return reply;
  }

  async diff(request: DiffRequest): Promise<Diff> {
    const { capabilities } = this;
    if (!capabilities) {
      throw new DiffUnavailable(
        "The provider for this resource has inputs that are not known during preview.\n" +
          "This preview may not correctly represent the changes that will be applied during an update.",
      );
    }
    const { urn, id, ignoreChanges, allowUnknowns } = request;
    const lower = (map: PropertyMap) => mapHashOnly(lowered(map, capabilities, allowUnknowns));
    return this.plugin.diff(
      { ...callOf(urn), id, ignoreChanges },
      lower(request.oldInputs),
      lower(request.oldOutputs),
      lower(request.newInputs),
    );
  }

  async create(state: ResourceState): Promise<{ id: string; outputs: PropertyMap }> {
    const { capabilities } = this;
    if (this.#preview && !capabilities?.supportsPreview) {
      return { id: "", outputs: capabilities ? { ...state.inputs } : {} };
    }
    const known = required(capabilities);
    const call = {
      ...callOf(state.urn),
      timeoutSeconds: state.customTimeouts?.create ?? 0,
      preview: this.#preview,
    };
    const reply = await remarking(known, state.inputs, () =>
      this.plugin.create(call, lowered(state.inputs, known, this.#preview)),
    ).catch((error) => {
      // A creation that failed is taken to have made nothing.
      const failed = error instanceof ProviderFailure && !(error instanceof InitFailure);
      throw failed ? new ProviderFailure(error.message, 0, { cause: error }) : error;
    });
    if (reply.id === "" && !this.#preview) {
      throw new ProviderFailure(`plugin returned empty resource.ID from create '${state.urn}'`, 2);
    }
    if (!known.acceptSecrets) annotateSecrets(reply.outputs, state.inputs);
    return reply;
  }

  async update(old: ResourceState, state: ResourceState): Promise<PropertyMap> {
    const { capabilities } = this;
    if (this.#preview && !capabilities?.supportsPreview) return capabilities ? { ...state.inputs } : {};
    const known = required(capabilities);
    const call = {
      ...callOf(state.urn),
      id: old.id ?? "",
      timeoutSeconds: state.customTimeouts?.update ?? 0,
      preview: this.#preview,
      ignoreChanges: state.ignoreChanges ?? [],
    };
    const outputs = await remarking(known, state.inputs, () =>
      this.plugin.update(
        call,
        mapHashOnly(lowered(old.inputs, known, false)),
        mapHashOnly(lowered(old.outputs, known, false)),
        lowered(state.inputs, known, this.#preview),
      ),
    );
    if (!known.acceptSecrets) annotateSecrets(outputs, state.inputs);
    return outputs;
  }

  async read(state: ResourceState, inputs: PropertyMap, outputs: PropertyMap): Promise<ReadReply> {
    const { capabilities } = this;
    if (!capabilities) return { id: "", outputs: {}, inputs: {} };
    const lower = (map: PropertyMap) => mapHashOnly(lowered(map, capabilities, false));
    const reply = await this.plugin.read(
      { ...callOf(state.urn), id: state.id ?? "", timeoutSeconds: state.customTimeouts?.read ?? 0 },
      lower(inputs),
      lower(outputs),
    );
    if (!capabilities.acceptSecrets) {
      if (reply.inputs) annotateSecrets(reply.inputs, inputs);
      if (reply.outputs) annotateSecrets(reply.outputs, outputs);
    }
    return {
      id: reply.id,
      inputs: reply.inputs && restoreContents(inputs, reply.inputs),
      outputs: reply.outputs && restoreContents(inputs, reply.outputs),
    };
  }

  async delete(old: ResourceState): Promise<void> {
    const known = required(this.capabilities);
    await this.plugin.delete(
      { ...callOf(old.urn), id: old.id ?? "", timeoutSeconds: old.customTimeouts?.delete ?? 0 },
      mapHashOnly(lowered(old.inputs, known, false)),
      mapHashOnly(lowered(old.outputs, known, false)),
    );
  }

  /** Calls a function of the provider; a secret among the arguments makes every result secret. */
  async invoke(token: string, args: PropertyMap): Promise<Awaited<ReturnType<Plugin["invoke"]>>> {
    const { capabilities } = this;
    if (!capabilities) return { outputs: {}, failures: [], unknown: true };
    const reply = await this.plugin.invoke(token, lowered(args, capabilities, this.#preview), this.#preview);
    if (capabilities.acceptSecrets || !containsSecrets(args)) return reply;
    const outputs: PropertyMap = {};
    for (const [key, value] of Object.entries(reply.outputs)) outputs[key] = makeSecret(value);
    return { ...reply, outputs };
  }
}

/** What a plugin is told about the resource. */
export function callOf(urn: string): { urn: string; name: string; type: string } {
  const { name, type } = parseUrn(urn);
  return { urn, name, type };
}

function lowered(map: PropertyMap, capabilities: Capabilities, keepUnknowns: boolean): PropertyMap {
  let wire = keepUnknowns ? map : mapKnown(map);
  if (!capabilities.acceptSecrets) wire = mapWithoutSecrets(wire);
  if (!capabilities.acceptResources) wire = mapWithoutReferences(wire);
  return wire;
}

function required(capabilities: Capabilities | undefined): Capabilities {
  if (!capabilities) throw new ProviderFailure("provider is not configured; its inputs are not known", 0);
  return capabilities;
}

/** An object that exists but did not become ready keeps its secrets, too. */
async function remarking<Reply>(
  capabilities: Capabilities,
  inputs: PropertyMap,
  call: () => Promise<Reply>,
): Promise<Reply> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof InitFailure && !capabilities.acceptSecrets) annotateSecrets(error.outputs, inputs);
    throw error;
  }
}
