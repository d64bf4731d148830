// What the program registers or reads as a goal: options read from the wire, inherited from the parent, unsupported ones
// refused by name.
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Alias as AliasMessage } from "@pulumi/pulumi/proto/alias_pb.js";
import type { ReadResourceRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import type { SourcePosition } from "@pulumi/pulumi/proto/source_pb.js";
import type { PropertyMap, ResourceState, Value } from "../types.ts";
import { isSecret } from "../value-kinds.ts";
import { unsupported } from "./diagnostics.ts";
import type { Alias, Goal, ReadGoal } from "./goal.ts";
import { fromStruct, fromValue } from "./struct.ts";
import { packageOf, packageOfProvider, parseProviderReference, parseUrn } from "./urn.ts";
import { lowerOutputs, makeSecret, mapLowered } from "./values.ts";

/** @throws for a feature that this engine does not have */
export function requireSupported(request: RegisterResourceRequest): void {
  const name = `resource "${request.getName()}"`;
  if (request.getRemote()) throw unsupported(`${name}: remote components`);
  if (request.getTransformsList().length > 0) throw unsupported(`${name}: transforms`);
  if (request.getStateMigrationsList().length > 0) throw unsupported(`${name}: state migrations`);
  if (request.getPackageref()) throw unsupported(`${name}: parameterized packages`);
  if (request.getEnvvarmappingsMap().getLength() > 0)
    throw unsupported(`${name}: environment variable mappings`);
  const hooks = request.getHooks()?.toArray() ?? [];
  if (hooks.flat().length > 0) throw unsupported(`${name}: resource hooks`);
}

/** @param provider reference of the provider, already chosen */
export function goalOf(
  request: RegisterResourceRequest,
  parent: Goal | undefined,
  provider: string | undefined,
  projectRoot: string,
): Goal {
  const dependencies = [...new Set(request.getDependenciesList())];
  const properties: PropertyMap = {};
  const propertyDependencies: { [property: string]: string[] } = {};
  const told = request.getPropertydependenciesMap();
  const noneTold = told.getLength() === 0;
  told.forEach((entry, key) => {
    propertyDependencies[key] = [...new Set(entry.getUrnsList())];
  });
  for (const [key, value] of Object.entries(fromStruct(request.getObject()))) {
    const found = new Set<string>(noneTold ? dependencies : propertyDependencies[key]);
    properties[key] = lowerOutputs(value, (urn) => found.add(urn));
    propertyDependencies[key] = [...found];
  }
  const protect = request.hasProtect() ? request.getProtect() : parent?.protect;
  const retainOnDelete = request.hasRetainondelete() ? request.getRetainondelete() : parent?.retainOnDelete;
  const deletedWith = request.getDeletedwith() || parent?.deletedWith;
  const forcesOrder = request.getDeletebeforereplacedefined() || request.getDeletebeforereplace();
  const trigger = triggerOf(request);
  const timeouts = timeoutsOf(request);
  const position = sourcePosition(request.getSourceposition(), projectRoot);
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    properties,
    ...(request.getParent() && { parent: request.getParent() }),
    ...(protect !== undefined && { protect }),
    dependencies,
    ...(provider && { provider }),
    propertyDependencies,
    ...(forcesOrder && { deleteBeforeReplace: request.getDeletebeforereplace() }),
    ignoreChanges: request.getIgnorechangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: [
      ...request.getAliasurnsList().map((urn) => ({ urn })),
      ...request.getAliasesList().map(aliasOf),
    ],
    ...(request.getImportid() && { importId: request.getImportid() }),
    ...(timeouts && { customTimeouts: timeouts }),
    replaceOnChanges: request.getReplaceonchangesList(),
    ...(trigger !== undefined && { replacementTrigger: trigger }),
    ...(retainOnDelete !== undefined && { retainOnDelete }),
    ...(deletedWith && { deletedWith }),
    replaceWith: request.getReplaceWithList(),
    hideDiff: request.getHidediffsList(),
    ...(position && { sourcePosition: position }),
  };
}

/** The provider that a resource gets from its parent when it names none: one of its own package. */
export function inheritedProvider(
  request: RegisterResourceRequest,
  parent: Goal | undefined,
): string | undefined {
  if (request.getProvider()) return request.getProvider();
  if (!parent?.provider) return undefined;
  const { type } = parseUrn(parseProviderReference(parent.provider).urn);
  return packageOfProvider(type) === packageOf(request.getType()) ? parent.provider : undefined;
}

function triggerOf(request: RegisterResourceRequest): Value | undefined {
  const message = request.getReplacementTrigger();
  if (!message) return undefined;
  const value = lowerOutputs(fromValue(message), () => {});
  if (value === null) return undefined;
  // The official engine keeps nothing of a secret trigger but that it is one: its changes replace nothing.
  return isSecret(value) ? makeSecret(null) : value;
}

/** What a program asks to read. @param root the project's folder */
export function readGoalOf(request: ReadResourceRequest, provider: string, root: string): ReadGoal {
  const parent = request.getParent();
  const position = sourcePosition(request.getSourceposition(), root);
  return {
    type: request.getType(),
    name: request.getName(),
    id: request.getId(),
    ...(parent && { parent }),
    provider,
    properties: mapLowered(fromStruct(request.getProperties())),
    dependencies: [...new Set(request.getDependenciesList())],
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    ...(position && { sourcePosition: position }),
  };
}

function aliasOf(message: AliasMessage): Alias {
  const spec = message.getSpec();
  if (!spec) return { urn: message.getUrn() };
  return {
    name: spec.getName(),
    type: spec.getType(),
    stack: spec.getStack(),
    project: spec.getProject(),
    parent: spec.getParenturn(),
    noParent: spec.getNoparent(),
  };
}

function timeoutsOf(request: RegisterResourceRequest): ResourceState["customTimeouts"] | undefined {
  const message = request.getCustomtimeouts();
  if (!message) return undefined;
  const timeouts: NonNullable<ResourceState["customTimeouts"]> = {};
  const texts = {
    create: message.getCreate(),
    update: message.getUpdate(),
    delete: message.getDelete(),
    read: message.getRead(),
  };
  for (const key of ["create", "update", "delete", "read"] as const) {
    if (texts[key]) timeouts[key] = durationSeconds(texts[key]);
  }
  return Object.keys(timeouts).length > 0 ? timeouts : undefined;
}

const UNIT_SECONDS: { [unit: string]: number } = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Seconds of a duration such as `1h30m` or `2.5s`. @throws when the text is no duration */
export function durationSeconds(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/gy)];
  const length = parts.reduce((sum, [part]) => sum + part.length, 0);
  if (length !== text.length || length === 0) {
    if (text === "0") return 0;
    throw new Error(`unable to parse customTimeout Value ${text}`);
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_SECONDS[unit ?? ""] ?? 0), 0);
}

/** `project:///index.ts#9,1` for a file below the project; undefined when nothing usable was told. */
function sourcePosition(position: SourcePosition | undefined, projectRoot: string): string | undefined {
  const uri = position?.getUri();
  if (!position || !uri?.startsWith("file://")) return undefined;
  const column = position.getColumn();
  return `project:///${relativeTo(projectRoot, uri)}#${position.getLine()}${column ? `,${column}` : ""}`;
}

/** Few files register many resources. */
const relatives = new Map<string, string>();

function relativeTo(root: string, uri: string): string {
  const key = `${root}\n${uri}`;
  const known = relatives.get(key);
  if (known !== undefined) return known;
  const parts = path.relative(root, fileURLToPath(uri)).split(path.sep);
  const relative = parts.map(encodeURIComponent).join("/");
  relatives.set(key, relative);
  return relative;
}
