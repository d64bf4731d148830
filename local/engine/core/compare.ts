// Asks a provider how a resource differs from what is wanted; compares by itself where the provider leaves it to that.
import type { PropertyMap, ResourceState } from "../types.ts";
import type { Deployment } from "./deployment.ts";
import { withIgnoredChanges } from "./plan.ts";
import { applyReplaceOnChanges, compareInputs, type Diff, isReplacement } from "./property-diff.ts";
import type { ResourceProvider } from "./provider.ts";

/** The difference between an existing resource and new inputs; its changes are decided, never `unknown`. */
export async function compareResource(
  provider: ResourceProvider,
  old: Pick<ResourceState, "urn" | "id" | "inputs" | "outputs">,
  newInputs: PropertyMap,
  ignoreChanges: string[],
  allowUnknowns: boolean,
): Promise<Diff> {
  const diff = await provider.diff({
    urn: old.urn,
    id: old.id ?? "",
    oldInputs: old.inputs,
    oldOutputs: old.outputs,
    newInputs,
    ignoreChanges,
    allowUnknowns,
  });
  if (diff.changes !== "unknown") return diff;
  const { inputs } = withIgnoredChanges(newInputs, old.inputs, ignoreChanges);
  const { changes, changedKeys, detailedDiff } = compareInputs(old.inputs, inputs);
  return changes === "none" ? { ...diff, changes } : { ...diff, changes, changedKeys, detailedDiff };
}

/** Whether a dependent must be replaced when some of its inputs are not known any more. */
export async function compareDependent(
  deployment: Deployment,
  resource: ResourceState,
  inputs: PropertyMap,
): Promise<{ replace: boolean; keys: string[] }> {
  await deployment.ensureProvider(resource);
  const provider = await deployment.providerFor(resource);
  if (!provider) return { replace: false, keys: [] };
  const diff = await compareResource(provider, resource, inputs, resource.ignoreChanges ?? [], true);
  const judged = applyReplaceOnChanges(diff, resource.replaceOnChanges ?? [], false);
  return { replace: isReplacement(judged), keys: judged.replaceKeys };
}
