// The package `pulumi`, which needs no plugin: stack references, resources of this run by urn, and stashes.
import type { DeploymentRequest, PropertyMap, ResourceState } from "../types.ts";
import { isSecret } from "../value-kinds.ts";
import { messageOf, unsupported } from "./diagnostics.ts";
import { type Plugin, ProviderFailure } from "./plugin.ts";
import { type Diff, noDiff } from "./property-diff.ts";
import { equal } from "./values.ts";

const STACK_REFERENCE = "pulumi:pulumi:StackReference";
const STASH = "pulumi:index:Stash";

/** Status of a failed operation that may have done something: what the official engine says of failed reads, too. */
const UNSURE = 2;

/** @param find a resource that this run has registered */
export function builtinPlugin(
  request: DeploymentRequest,
  find: (urn: string) => ResourceState | undefined,
): Plugin {
  const outputsOf = (name: string) => {
    if (!request.readStack) throw unsupported("stack references");
    return request.readStack(name);
  };
  return {
    async checkConfig() {
      return undefined;
    },
    async diffConfig() {
      return undefined;
    },
    async configure() {
      return { acceptSecrets: true, acceptResources: true, supportsPreview: true };
    },
    async check({ type }, _olds, news) {
      if (type !== STASH && type !== STACK_REFERENCE) throw unsupported(`resource type ${type}`);
      if (type === STACK_REFERENCE && typeof news.name !== "string") {
        return { inputs: news, failures: [{ property: "name", reason: 'missing required property "name"' }] };
      }
      return { inputs: news, failures: [] };
    },
    async diff({ type }, oldInputs, _oldOutputs, news): Promise<Diff> {
      if (equal(oldInputs, news)) return noDiff();
      const [key, replaces] = type === STACK_REFERENCE ? ["name", true] : ["input", false];
      return {
        ...noDiff(),
        changes: "some",
        replaceKeys: replaces ? [key] : [],
        changedKeys: replaces ? [] : [key],
      };
    },
    async create({ type, preview }, inputs) {
      if (type !== STASH) throw unsupported(`creation of ${type}`);
      const id = preview ? "" : (request.uniqueId?.() ?? crypto.randomUUID());
      return { id, outputs: { ...inputs, output: inputs.input ?? null } };
    },
    async update(_call, _oldInputs, oldOutputs, news) {
      return { ...news, output: oldOutputs.output ?? null };
    },
    async read({ type, id }, inputs, outputs) {
      if (type !== STACK_REFERENCE) return { id, outputs, inputs };
      const name = typeof inputs.name === "string" ? inputs.name : id;
      const found = await outputsOf(name).catch((error) => {
        throw new ProviderFailure(messageOf(error), UNSURE, { cause: error });
      });
      return { id: name, inputs, outputs: { name, outputs: found, secretOutputNames: secretNames(found) } };
    },
    async delete() {},
    async invoke(token, args) {
      const reply = (outputs: PropertyMap) => ({ outputs, failures: [], unknown: false });
      if (token === "pulumi:pulumi:readStackOutputs") {
        const name = String(args.name ?? "");
        const outputs = await outputsOf(name);
        return reply({ name, outputs, secretOutputNames: secretNames(outputs) });
      }
      if (token === "pulumi:pulumi:getResource") {
        const urn = String(args.urn ?? "");
        const state = find(urn);
        if (!state) throw new Error(`unknown resource ${urn}`);
        return reply({ urn, id: state.id ?? "", state: state.outputs });
      }
      throw unsupported(`function ${token}`);
    },
    async cancel() {},
    async close() {},
  };
}

function secretNames(outputs: PropertyMap): string[] {
  return Object.keys(outputs)
    .filter((name) => isSecret(outputs[name]))
    .sort();
}
