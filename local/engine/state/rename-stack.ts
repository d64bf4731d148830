// Another name for a stack, in every place of its state that names a resource. A text of the program's that looks like
// a URN is the program's: it stays, as with the official engine.
import type { ResourceState, Snapshot, Value } from "../types.ts";
import { kindOf, RESOURCE_REFERENCE } from "../value-kinds.ts";

type Rename = (urn: string) => string;

/** The snapshot of the stack `from` as that of the stack `to`. */
export function renameStack({ resources, pendingOperations }: Snapshot, from: string, to: string): Snapshot {
  const rename = renamer(from, to);
  return {
    resources: resources.map((state) => renameState(state, rename)),
    pendingOperations: pendingOperations.map(({ resource, type }) => ({
      resource: renameState(resource, rename),
      type,
    })),
  };
}

// The root stack's own name ends with that of the stack.
function renamer(from: string, to: string): Rename {
  const prefix = `urn:pulumi:${from}::`;
  return (text) => {
    if (!text.startsWith(prefix)) return text;
    const urn = `urn:pulumi:${to}::${text.slice(prefix.length)}`;
    return urn.replace(/^(urn:pulumi:[^:]+::([^:]+)::pulumi:pulumi:Stack::\2-).*$/s, `$1${to}`);
  };
}

function renameState(state: ResourceState, rename: Rename): ResourceState {
  const { parent, provider, deletedWith, replaceWith, replacementTrigger, extra } = state;
  return {
    ...state,
    urn: rename(state.urn),
    dependencies: state.dependencies.map(rename),
    propertyDependencies: mapValues(state.propertyDependencies, (urns) => urns?.map(rename) ?? urns),
    inputs: mapValues(state.inputs, (value) => renameReferences(value, rename)),
    outputs: mapValues(state.outputs, (value) => renameReferences(value, rename)),
    ...(parent && { parent: rename(parent) }),
    ...(provider && { provider: rename(provider) }),
    ...(deletedWith && { deletedWith: rename(deletedWith) }),
    ...(replaceWith && { replaceWith: replaceWith.map(rename) }),
    ...(replacementTrigger !== undefined && {
      replacementTrigger: renameReferences(replacementTrigger, rename),
    }),
    ...(extra && { extra: mapValues(extra, (value) => renameTexts(value, rename)) }),
  };
}

/** Resource references in a property, also inside secrets. */
function renameReferences(value: Value, rename: Rename): Value {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => renameReferences(element, rename));
  const { urn } = value;
  if (kindOf(value) === RESOURCE_REFERENCE && typeof urn === "string") return { ...value, urn: rename(urn) };
  return mapValues(value, (element) => renameReferences(element, rename));
}

/** Every URN of what this engine does not interpret, such as aliases. */
function renameTexts(value: Value, rename: Rename): Value {
  if (typeof value === "string") return rename(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => renameTexts(element, rename));
  return mapValues(value, (element) => renameTexts(element, rename));
}

function mapValues<From, To>(
  map: { [key: string]: From },
  change: (value: From) => To,
): { [key: string]: To } {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}
