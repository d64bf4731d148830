// Which former urns a registration may continue. Pure; the generator looks them up in order.
import type { Alias } from "./goal.ts";
import { makeUrn, parseUrn, STACK_TYPE } from "./urn.ts";

export interface AliasContext {
  stack: string;
  project: string;
  /** New urn of a resource matched in this run through an alias, to the old urn. */
  matched: ReadonlyMap<string, string>;
}

interface Named {
  name: string;
  type: string;
  parent?: string | undefined;
}

/** Former urns in the order in which they are looked up, the resource's own urn not among them. */
export function aliasUrns(resource: Named, aliases: Alias[], context: AliasContext): string[] {
  const found = new Set<string>();
  const own = aliases.map((alias) => urnOfAlias(resource, alias, context));
  for (const urn of own) found.add(urn);
  const parentAlias = resource.parent && context.matched.get(resource.parent);
  if (resource.parent && parentAlias) {
    const parentName = parseUrn(resource.parent).name;
    found.add(inheritedUrn(resource.type, resource.name, parentName, parentAlias, context));
    for (const urn of own) {
      const { type, name } = parseUrn(urn);
      found.add(inheritedUrn(type, name, parentName, parentAlias, context));
    }
  }
  return [...found];
}

function urnOfAlias(resource: Named, alias: Alias, context: AliasContext): string {
  if ("urn" in alias) return alias.urn;
  let parent = resource.parent;
  if (alias.parent) parent = context.matched.get(alias.parent) ?? alias.parent;
  const parentType = alias.noParent || !parent ? undefined : parseUrn(parent).qualifiedType;
  return makeUrn(
    alias.stack || context.stack,
    alias.project || context.project,
    parentType === STACK_TYPE ? undefined : parentType,
    alias.type || resource.type,
    alias.name || resource.name,
  );
}

/** A child of a renamed parent: below the parent's old type, and named after its old name where it was before. */
function inheritedUrn(
  type: string,
  name: string,
  parentName: string,
  parentAlias: string,
  context: AliasContext,
): string {
  const parent = parseUrn(parentAlias);
  const oldName = name.startsWith(parentName) ? parent.name + name.slice(parentName.length) : name;
  return makeUrn(context.stack, context.project, parent.qualifiedType, type, oldName);
}
