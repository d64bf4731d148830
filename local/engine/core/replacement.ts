// Delete-before-replace: which dependents must go first. Pure but for the comparison it is given.
import type { PropertyMap, ResourceState } from "../types.ts";
import { UNKNOWN } from "../types.ts";
import { dependentsOf } from "./references.ts";
import { parseProviderReference } from "./urn.ts";

export interface DependentReplacement {
  resource: ResourceState;
  keys: string[];
}

/** Says whether `resource` must be replaced when its inputs become `inputs`. */
export type Compare = (
  resource: ResourceState,
  inputs: PropertyMap,
) => Promise<{ replace: boolean; keys: string[] }>;

/**
 * Dependents of `root` that cannot stay while it is gone, in list order: their provider or the resource they are
 * deleted with goes, or an input that comes from one that goes would replace them. Others (mere dependsOn) stay.
 */
export async function dependentReplacements(
  resources: ResourceState[],
  root: ResourceState,
  settled: (urn: string) => boolean,
  compare: Compare,
): Promise<DependentReplacement[]> {
  const found: DependentReplacement[] = [];
  const going = new Set([root.urn]);
  for (const resource of dependentsOf(resources, root, settled, false)) {
    const keys = await replacementKeys(resource, going, compare);
    if (!keys) continue;
    found.push({ resource, keys });
    going.add(resource.urn);
  }
  return found;
}

/** Keys that replace a dependent; undefined: it stays. */
async function replacementKeys(
  resource: ResourceState,
  going: ReadonlySet<string>,
  compare: Compare,
): Promise<string[] | undefined> {
  if (!resource.custom || resource.external) return undefined;
  if (resource.provider && going.has(parseProviderReference(resource.provider).urn)) return [];
  if (resource.deletedWith && going.has(resource.deletedWith)) return [];
  let affected = false;
  const inputs: PropertyMap = {};
  for (const [key, value] of Object.entries(resource.inputs)) {
    const fromGoing = resource.propertyDependencies[key]?.some((urn) => going.has(urn)) === true;
    affected ||= fromGoing;
    inputs[key] = fromGoing ? UNKNOWN : value;
  }
  if (!affected) return undefined;
  const { replace, keys } = await compare(resource, inputs);
  return replace ? keys : undefined;
}

/** Resources that name `urn` as the one they are replaced or deleted with. */
export function followersOf(urn: string, states: Iterable<ResourceState>): DependentReplacement[] {
  const found = new Map<string, DependentReplacement>();
  for (const resource of states) {
    if (found.has(resource.urn)) continue;
    if (resource.deletedWith === urn || resource.replaceWith?.includes(urn)) {
      found.set(resource.urn, { resource, keys: [] });
    }
  }
  return [...found.values()];
}
