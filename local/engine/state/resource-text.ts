// One resource of the checkpoint format, between its JSON and `ResourceState`.
// Keys keep the official order; keys this engine does not know are carried through unchanged.
import type { PropertyMap, ResourceState, Value } from "../types.ts";
import type { SecretStore } from "./secrets.ts";

type Json = { [key: string]: Value };

// The order in which the official engine writes them.
const KEYS = [
  "urn",
  "custom",
  "delete",
  "id",
  "type",
  "inputs",
  "outputs",
  "parent",
  "protect",
  "external",
  "dependencies",
  "initErrors",
  "provider",
  "propertyDependencies",
  "pendingReplacement",
  "additionalSecretOutputs",
  "customTimeouts",
  "importID",
  "retainOnDelete",
  "deletedWith",
  "replaceWith",
  "created",
  "modified",
  "sourcePosition",
  "stackTrace",
  "ignoreChanges",
  "hideDiff",
  "replaceOnChanges",
  "replacementTrigger",
] as const satisfies readonly (keyof ResourceState)[];

const KNOWN = new Set<string>(KEYS);
const SECRETIVE = new Set<string>(["inputs", "outputs", "replacementTrigger"]);

/** Where a resource's secrets live, so that each keeps its own ciphertext. */
function place(state: { urn: string; id?: string }, section: string): string {
  return `${state.urn}::${state.id ?? ""} ${section}`;
}

/** Disk to memory; secrets are opened. The caller has checked the shape (integrity.ts). */
export function readResource(json: Json, secrets: SecretStore): ResourceState {
  const urn = String(json.urn);
  const id = typeof json.id === "string" ? json.id : undefined;
  const named = id === undefined ? { urn } : { urn, id };
  const extra = Object.fromEntries(Object.entries(json).filter(([key]) => !KNOWN.has(key)));
  const known = Object.fromEntries(
    Object.entries(json)
      .filter(([key, value]) => KNOWN.has(key) && value !== null)
      .map(([key, value]) => [key, SECRETIVE.has(key) ? secrets.open(value, place(named, key)) : value]),
  );
  return {
    inputs: {},
    outputs: {},
    dependencies: [],
    initErrors: [],
    propertyDependencies: {},
    additionalSecretOutputs: [],
    type: "",
    ...known,
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
    urn,
    custom: json.custom === true,
  };
}

/** Memory to the JSON object of the checkpoint; `seal` decides what a secret becomes. */
export function renderResource(state: ResourceState, seal: (value: Value, place: string) => Value): Json {
  const json: Json = {};
  for (const key of KEYS) {
    const value = state[key];
    if (key !== "custom" && isEmpty(value)) continue;
    json[key] = SECRETIVE.has(key) ? seal(value as PropertyMap, place(state, key)) : (value as Value);
  }
  return { ...json, ...state.extra };
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
