// Resource names of Pulumi: urn:pulumi:<stack>::<project>::<qualified type>::<name>, and references to providers,
// which are a urn and an id joined by "::".

export const STACK_TYPE = "pulumi:pulumi:Stack";
const PROVIDER_PREFIX = "pulumi:providers:";

export interface UrnParts {
  stack: string;
  project: string;
  /** Types of the parents and of the resource, joined by `$`. */
  qualifiedType: string;
  type: string;
  name: string;
}

/** @throws when the text has no four parts. */
export function parseUrn(urn: string): UrnParts {
  const prefix = "urn:pulumi:";
  const rest = urn.startsWith(prefix) ? urn.slice(prefix.length) : "";
  const first = rest.indexOf("::");
  const second = rest.indexOf("::", first + 2);
  const third = rest.indexOf("::", second + 2);
  if (first < 0 || second < 0 || third < 0) {
    throw new Error(`urn "${urn}": has no four parts, want urn:pulumi:STACK::PROJECT::TYPE::NAME`);
  }
  const qualifiedType = rest.slice(second + 2, third);
  return {
    stack: rest.slice(0, first),
    project: rest.slice(first + 2, second),
    qualifiedType,
    type: qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1),
    name: rest.slice(third + 2),
  };
}

/** The urn of a resource below `parentType`, the qualified type of its parent; none for the stack's own children. */
export function makeUrn(
  stack: string,
  project: string,
  parentType: string | undefined,
  type: string,
  name: string,
): string {
  const qualified = parentType && parentType !== STACK_TYPE ? `${parentType}$${type}` : type;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

export function isProviderType(type: string): boolean {
  return type.startsWith(PROVIDER_PREFIX);
}

/** The package that a provider resource serves, e.g. `aws` for `pulumi:providers:aws`. */
export function packageOfProvider(type: string): string {
  return type.slice(PROVIDER_PREFIX.length);
}

export function providerType(pkg: string): string {
  return `${PROVIDER_PREFIX}${pkg}`;
}

/** The package of a resource type or function token: the text before the first colon. */
export function packageOf(token: string): string {
  const colon = token.indexOf(":");
  return colon < 0 ? token : token.slice(0, colon);
}

/** True for the provider that the engine itself registers at first need. */
export function isDefaultProvider(urn: string): boolean {
  const { type, name } = parseUrn(urn);
  return isProviderType(type) && (name === "default" || name.startsWith("default_"));
}

export interface ProviderReference {
  urn: string;
  id: string;
}

/** Splits `<urn>::<id>` at its last separator. @throws when there is none. */
export function parseProviderReference(reference: string): ProviderReference {
  const split = reference.lastIndexOf("::");
  if (split <= 0) throw new Error(`provider reference "${reference}": has no id, want URN::ID`);
  return { urn: reference.slice(0, split), id: reference.slice(split + 2) };
}

export function makeProviderReference(urn: string, id: string): string {
  return `${urn}::${id}`;
}
