// Rules that a stack's resources keep, whoever wrote them. A state that breaks one is refused before anything is touched.
import type { PendingOperation, Snapshot, Value } from "../types.ts";
import { Failure } from "./failure.ts";

type Json = { [key: string]: Value };

const LISTS = ["dependencies", "initErrors", "additionalSecretOutputs", "ignoreChanges", "replaceWith"];
const MAPS = ["inputs", "outputs", "propertyDependencies", "customTimeouts"];
const TEXTS = ["urn", "type", "id", "parent", "provider", "deletedWith", "created", "modified", "importID"];
const FLAGS = ["custom", "delete", "protect", "external", "pendingReplacement", "retainOnDelete"];

/** True for a JSON object. */
export function isObject(value: Value | undefined): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Checks the shape of one resource before it is read. @throws Failure naming the resource and the key. */
export function requireResourceShape(value: Value | undefined, where: string): Json {
  if (!isObject(value)) throw new Failure(`${where}: not an object; restore a backup of the state`);
  const name = typeof value.urn === "string" ? value.urn : where;
  const wrong = (key: string, want: string) =>
    new Failure(`resource "${name}": ${key} is not ${want}; restore a backup of the state`);
  if (typeof value.urn !== "string" || value.urn === "") throw wrong("urn", "a text");
  if (typeof value.type !== "string") throw wrong("type", "a text");
  for (const key of TEXTS)
    if (value[key] != null && typeof value[key] !== "string") throw wrong(key, "a text");
  for (const key of FLAGS)
    if (value[key] != null && typeof value[key] !== "boolean") throw wrong(key, "a boolean");
  for (const key of MAPS) if (value[key] != null && !isObject(value[key])) throw wrong(key, "an object");
  for (const key of LISTS) {
    const list = value[key];
    if (list != null && !(Array.isArray(list) && list.every((element) => typeof element === "string"))) {
      throw wrong(key, "a list of texts");
    }
  }
  for (const [key, list] of Object.entries(
    isObject(value.propertyDependencies) ? value.propertyDependencies : {},
  )) {
    if (list !== null && !(Array.isArray(list) && list.every((element) => typeof element === "string"))) {
      throw wrong(`propertyDependencies.${key}`, "a list of texts");
    }
  }
  return value;
}

/** The URN part of a provider reference `<urn>::<id>`. */
export function providerUrn(reference: string): string {
  return reference.slice(0, reference.lastIndexOf("::"));
}

/**
 * Checks that every resource stands after what it refers to and that no URN is alive twice.
 * @throws Failure naming the first resource that breaks a rule.
 */
export function requireIntegrity(snapshot: Snapshot, stack: string): void {
  const seen = new Set<string>();
  const alive = new Set<string>();
  const providers = new Set<string>();
  for (const state of snapshot.resources) {
    const refuse = (fault: string) =>
      new Failure(
        `state "${stack}": resource "${state.urn}" ${fault}; restore a backup or repair with stack export and import`,
      );
    if (state.delete !== true) {
      if (alive.has(state.urn)) throw refuse("is there twice");
      alive.add(state.urn);
    }
    if (state.parent && !seen.has(state.parent)) throw refuse(`stands before its parent ${state.parent}`);
    if (state.provider && !providers.has(state.provider))
      throw refuse(`refers to the unknown provider ${state.provider}`);
    const references = [
      ...state.dependencies,
      ...Object.values(state.propertyDependencies).flatMap((list) => list ?? []),
    ];
    if (state.deletedWith) references.push(state.deletedWith);
    const missing = references.find((urn) => !seen.has(urn));
    if (missing) throw refuse(`depends on ${missing}, which does not stand before it`);
    seen.add(state.urn);
    if (state.custom && state.type.startsWith("pulumi:providers:"))
      providers.add(`${state.urn}::${state.id ?? ""}`);
  }
}

const OPERATIONS: readonly string[] = ["creating", "updating", "deleting", "reading", "importing"];

/** Narrows a text to a kind of pending operation. @throws Failure on any other text. */
export function requireOperationType(type: Value | undefined, stack: string): PendingOperation["type"] {
  const known = OPERATIONS.find((operation) => operation === type);
  if (known === undefined)
    throw new Failure(`state "${stack}": unknown pending operation; use the Pulumi CLI`);
  return known as PendingOperation["type"];
}
