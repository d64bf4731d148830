// Property values as they travel: wrapping secrets, references, assets and output values, and taking them out again;
// comparing them as Pulumi does, and keeping secrets secret across a provider that does not know them.
import { type PropertyMap, SECRET, SIGNATURE, UNKNOWN, type Value } from "../types.ts";
import {
  ARCHIVE,
  ASSET,
  isObject,
  isSecret,
  isUnknown,
  kindOf,
  OUTPUT_VALUE,
  RESOURCE_REFERENCE,
} from "../value-kinds.ts";

/** An object whose signature says that it is more than data. */
export type Marked = PropertyMap & { [SIGNATURE]: string };

export function isAsset(value: Value | undefined): value is Marked {
  return kindOf(value) === ASSET;
}

export function isArchive(value: Value | undefined): value is Marked {
  return kindOf(value) === ARCHIVE;
}

export function isReference(value: Value | undefined): value is Marked {
  return kindOf(value) === RESOURCE_REFERENCE;
}

/** The value marked as secret; a secret stays as it is. */
export function makeSecret(value: Value): Value {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** A reference to a resource, as the SDK reads it: components have no id, an id not known yet is `""`. */
export function makeReference(urn: string, id: string | undefined): PropertyMap {
  return id === undefined
    ? { [SIGNATURE]: RESOURCE_REFERENCE, urn }
    : { [SIGNATURE]: RESOURCE_REFERENCE, urn, id: isUnknown(id) ? "" : id };
}

/** What a secret hides; other values as they are. */
export function revealed(value: Value): Value {
  return isSecret(value) ? revealed(value.value ?? null) : value;
}

function some(value: Value | undefined, test: (value: Value) => boolean): boolean {
  if (value === undefined) return false;
  if (test(value)) return true;
  if (Array.isArray(value)) return value.some((element) => some(element, test));
  if (!isObject(value)) return false;
  for (const key in value) if (some(value[key], test)) return true;
  return false;
}

export function containsSecrets(value: Value | undefined): boolean {
  return some(value, isSecret);
}

export function containsUnknowns(value: Value | undefined): boolean {
  return some(value, isUnknown);
}

function mapValues(map: PropertyMap, change: (value: Value) => Value): PropertyMap {
  const changed: PropertyMap = {};
  for (const key in map) {
    const value = map[key];
    if (value !== undefined) changed[key] = change(value);
  }
  return changed;
}

/** The value with every secret, at any depth, replaced by what it hides. */
export function withoutSecrets(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isObject(value)) return value;
  if (isSecret(value)) return withoutSecrets(value.value ?? null);
  return mapValues(value, withoutSecrets);
}

export function mapWithoutSecrets(map: PropertyMap): PropertyMap {
  return mapValues(map, withoutSecrets);
}

function withoutReferences(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutReferences);
  if (!isObject(value)) return value;
  if (!isReference(value)) return mapValues(value, withoutReferences);
  const id = value.id;
  if (id === undefined) return value.urn ?? null;
  return id === "" ? UNKNOWN : id;
}

/** Resource references as bare ids, components as urns: for receivers that do not know references. */
export function mapWithoutReferences(map: PropertyMap): PropertyMap {
  return mapValues(map, withoutReferences);
}

function hashOnly(value: Value): Value {
  if (Array.isArray(value)) return value.map(hashOnly);
  if (!isObject(value)) return value;
  if ((isAsset(value) || isArchive(value)) && value.hash) {
    return { [SIGNATURE]: value[SIGNATURE] ?? null, hash: value.hash };
  }
  return mapValues(value, hashOnly);
}

/** Assets and archives reduced to their hashes, as old states travel to a provider. */
export function mapHashOnly(map: PropertyMap): PropertyMap {
  return mapValues(map, hashOnly);
}

function known(value: Value): Value {
  if (Array.isArray(value))
    return value.map((element) => (isUnknown(revealed(element)) ? null : known(element)));
  if (!isObject(value)) return value;
  const kept: PropertyMap = {};
  for (const key in value) {
    const inner = value[key];
    if (inner !== undefined && !isUnknown(revealed(inner))) kept[key] = known(inner);
  }
  return kept;
}

/** Without what is not known, at any depth: what a real operation may receive. */
export function mapKnown(map: PropertyMap): PropertyMap {
  if (!containsUnknowns(map)) return map;
  const kept = known(map);
  return isObject(kept) ? kept : {};
}

/**
 * Output values (a wire form with dependencies) lowered to plain values, unknowns and secrets.
 * `found` receives each urn that one depends on.
 */
export function lowerOutputs(value: Value, found: (urn: string) => void): Value {
  if (Array.isArray(value)) return value.map((element) => lowerOutputs(element, found));
  if (!isObject(value)) return value;
  if (kindOf(value) !== OUTPUT_VALUE) return mapValues(value, (inner) => lowerOutputs(inner, found));
  const dependencies = value.dependencies;
  if (Array.isArray(dependencies)) for (const urn of dependencies) if (typeof urn === "string") found(urn);
  const inner = value.value;
  const known = inner === undefined ? UNKNOWN : lowerOutputs(inner, found);
  return value.secret === true ? makeSecret(known) : known;
}

/** {@link lowerOutputs} of each entry, whatever it depends on. */
export function mapLowered(map: PropertyMap): PropertyMap {
  return mapValues(map, (value) => lowerOutputs(value, () => {}));
}

/** Marks as secret, in place, each output whose input of the same name is or contains a secret. */
export function annotateSecrets(outputs: PropertyMap, inputs: PropertyMap): void {
  for (const key in inputs) {
    const output = outputs[key];
    const input = inputs[key];
    if (output === undefined || input === undefined) continue;
    if (isPlainObject(output) && isPlainObject(input)) annotateSecrets(output, input);
    else if (!isSecret(output) && containsSecrets(input)) outputs[key] = makeSecret(output);
  }
}

/** An object that is data: not a secret, asset, archive or reference. */
export function isPlainObject(value: Value | undefined): value is PropertyMap {
  return isObject(value) && kindOf(value) === undefined;
}

/** Equality as Pulumi sees it: a null entry of an object equals an absent one; assets are equal by hash. */
export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((element, index) => equal(element, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return (a ?? null) === (b ?? null) && !isObject(a) && !isObject(b);
  const kind = kindOf(a);
  if (kind !== kindOf(b)) return false;
  if ((kind === ASSET || kind === ARCHIVE) && a.hash && b.hash) return a.hash === b.hash;
  for (const key in a) if (!equal(a[key], b[key])) return false;
  for (const key in b) if (a[key] === undefined && (b[key] ?? null) !== null) return false;
  return true;
}
