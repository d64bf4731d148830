// What a resource refers to, and the order that follows from it: dependents of a resource, and layers of deletions.
// Pure; a list of resources is in topological order, what is referred to first.
import type { ResourceState } from "../types.ts";
import { parseProviderReference } from "./urn.ts";

/** Every urn a resource refers to but its parent. */
export function referencesOf(state: ResourceState): string[] {
  const urns = [...state.dependencies];
  for (const property in state.propertyDependencies)
    urns.push(...(state.propertyDependencies[property] ?? []));
  if (state.deletedWith) urns.push(state.deletedWith);
  if (state.replaceWith) urns.push(...state.replaceWith);
  if (state.provider) urns.push(parseProviderReference(state.provider).urn);
  return urns;
}

/** Resources after `root` that refer to it or to one of those found, in list order; children only when asked for. */
export function dependentsOf(
  resources: ResourceState[],
  root: ResourceState,
  ignored: (urn: string) => boolean,
  withChildren: boolean,
): ResourceState[] {
  const found: ResourceState[] = [];
  const urns = new Set([root.urn]);
  const start = resources.indexOf(root);
  if (start < 0) return found;
  for (const candidate of resources.slice(start + 1)) {
    if (ignored(candidate.urn)) continue;
    const isChild = withChildren && candidate.parent !== undefined && urns.has(candidate.parent);
    if (!isChild && !referencesOf(candidate).some((urn) => urns.has(urn))) continue;
    found.push(candidate);
    urns.add(candidate.urn);
  }
  return found;
}

/**
 * Deletions in layers: each resource is in an earlier layer than everything it refers to. Layers are counted from the
 * root, so resources that nothing depends on may still wait in a late layer. A reference to a component stands for its
 * children too.
 */
export function deletionLayers(resources: ResourceState[], condemned: Set<ResourceState>): ResourceState[][] {
  const byUrn = new Map<string, number[]>();
  const children = new Map<string, number[]>();
  const depth = new Map<ResourceState, number>();
  const layers: ResourceState[][] = [];
  const parentOf = new Map<string, string | undefined>();
  for (const [index, resource] of resources.entries()) {
    if (condemned.has(resource)) {
      let own = 0;
      const visit = (candidates: number[] | undefined) => {
        for (const candidate of candidates ?? []) {
          const other = resources[candidate];
          const below = other && depth.get(other);
          if (below !== undefined) own = Math.max(own, below + 1);
        }
      };
      for (const urn of new Set(referencesOf(resource))) {
        const named = byUrn.get(urn);
        visit(named);
        if (named?.some((at) => resources[at]?.custom === false)) visit(children.get(urn));
      }
      if (resource.parent) visit(byUrn.get(resource.parent));
      depth.set(resource, own);
      const layer = layers[own];
      if (layer) layer.push(resource);
      else layers[own] = [resource];
    }
    append(byUrn, resource.urn, index);
    parentOf.set(resource.urn, resource.parent);
    for (let parent = resource.parent; parent; parent = parentOf.get(parent)) append(children, parent, index);
  }
  return layers.reverse();
}

function append(map: Map<string, number[]>, key: string, index: number): void {
  const list = map.get(key);
  if (list) list.push(index);
  else map.set(key, [index]);
}

/**
 * Everything `roots` refer to directly or through others, parents included: what must stay when one cannot go. Where a replaced
 * resource still waits for its deletion beside the new one, what waits too refers to it and all others to the new one.
 */
export function transitiveReferences(
  resources: ResourceState[],
  roots: Iterable<ResourceState>,
): Set<ResourceState> {
  const waiting = new Map<string, ResourceState>();
  const live = new Map<string, ResourceState>();
  for (const resource of resources) (resource.delete ? waiting : live).set(resource.urn, resource);
  const found = new Set<ResourceState>();
  const queue = [...roots];
  for (let next = queue.pop(); next; next = queue.pop()) {
    const [first, second] = next.delete ? [waiting, live] : [live, waiting];
    const urns = next.parent ? [...referencesOf(next), next.parent] : referencesOf(next);
    for (const urn of urns) {
      const resource = first.get(urn) ?? second.get(urn);
      if (!resource || found.has(resource)) continue;
      found.add(resource);
      queue.push(resource);
    }
  }
  return found;
}

/**
 * Copies of `resources` without references to what is not among them; a child of what is gone has no parent any more.
 * Property dependencies that are empty are left out, as Pulumi's refresh does.
 */
export function withoutDangling(resources: ResourceState[]): ResourceState[] {
  const present = new Set<string>();
  const known = (urn: string) => present.has(urn);
  return resources.map((resource) => {
    const kept = pruned(resource, known);
    present.add(resource.urn);
    return kept;
  });
}

function pruned(resource: ResourceState, known: (urn: string) => boolean): ResourceState {
  const { parent, deletedWith, replaceWith, ...rest } = resource;
  const propertyDependencies: ResourceState["propertyDependencies"] = {};
  for (const [property, urns] of Object.entries(resource.propertyDependencies)) {
    const kept = urns.filter(known);
    if (kept.length > 0) propertyDependencies[property] = kept;
  }
  return {
    ...rest,
    dependencies: resource.dependencies.filter(known),
    propertyDependencies,
    ...(parent && known(parent) && { parent }),
    ...(deletedWith && known(deletedWith) && { deletedWith }),
    ...(replaceWith && { replaceWith: replaceWith.filter(known) }),
  };
}
