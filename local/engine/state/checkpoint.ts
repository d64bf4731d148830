// Pulumi's checkpoint: the JSON document of one stack, read into a snapshot and written from it.
// Version 3 as the official engine writes it; of version 4 the features this engine keeps. No files here, see backend.ts.
import { createHash } from "node:crypto";
import type { ResourceState, Snapshot, Value } from "../types.ts";
import { Failure } from "./failure.ts";
import { isObject, requireIntegrity, requireOperationType, requireResourceShape } from "./integrity.ts";
import { readResource, renderResource } from "./resource-text.ts";
import { SecretStore } from "./secrets.ts";
import { VERSION } from "./version.ts";

type Json = { [key: string]: Value };

// Version 4 names what a reader must understand; these are kept as the official engine keeps them.
const FEATURES: readonly string[] = ["replaceWith"];

/** A deployment document as `stack export` prints it, its secrets still sealed. */
export interface Deployment {
  version: 3 | 4;
  features: string[];
  manifest: Json;
  /** `salt` of the passphrase provider; undefined in a deployment without secrets provider. */
  salt: string | undefined;
  resources: Json[];
  pendingOperations: Json[];
  /** Keys of `latest` that this engine does not interpret. */
  extra: Json;
}

/** Reads the text of a stack file. @throws Failure naming the file when it is truncated, altered or unknown. */
export function parseCheckpoint(text: string, file: string): Deployment {
  const damaged = (fault: string, cause?: unknown) =>
    new Failure(`state file "${file}": ${fault}; restore it from ${file}.bak or a backup`, 1, { cause });
  let document: Value;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw damaged("not a whole JSON document", error);
  }
  if (!isObject(document) || !isObject(document.checkpoint)) throw damaged("not a checkpoint");
  const latest = document.checkpoint.latest ?? {};
  if (!isObject(latest)) throw damaged("latest is not an object");
  const features = document.features ?? document.checkpoint.features;
  return readDeployment(latest, document.version, features, damaged);
}

/** Reads the document of `stack export`. @throws Failure when it is none. */
export function parseExport(text: string, file: string): Deployment {
  const damaged = (fault: string, cause?: unknown) =>
    new Failure(`deployment "${file}": ${fault}; export it again`, 1, { cause });
  let document: Value;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw damaged("not a whole JSON document", error);
  }
  if (!isObject(document) || !isObject(document.deployment)) throw damaged("has no deployment");
  return readDeployment(document.deployment, document.version, document.features, damaged);
}

function readDeployment(
  latest: Json,
  version: Value | undefined,
  features: Value | undefined,
  damaged: (fault: string) => Failure,
): Deployment {
  if (version !== 3 && version !== 4) throw damaged(`has version ${JSON.stringify(version ?? null)}, want 3`);
  const named = Array.isArray(features) ? features.map(String) : [];
  const foreign = named.find((feature) => !FEATURES.includes(feature));
  if (foreign)
    throw damaged(
      `uses the feature "${foreign}", which is not supported by the embedded engine; use the Pulumi CLI`,
    );
  const { manifest = {}, resources, pending_operations, secrets_providers, ...extra } = latest;
  if (!isObject(manifest)) throw damaged("manifest is not an object");
  const { version: writer, magic } = manifest;
  if (magic && magic !== magicOf(String(writer ?? "")))
    throw damaged("was altered: magic does not fit the manifest");
  return {
    version,
    features: named,
    manifest,
    salt: readSalt(secrets_providers, damaged),
    resources: list(resources, "resource", damaged),
    pendingOperations: list(pending_operations, "pending operation", damaged),
    extra,
  };
}

function list(value: Value | undefined, noun: string, damaged: (fault: string) => Failure): Json[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw damaged(`${noun}s are not a list`);
  return value.map((element, index) => {
    if (!isObject(element)) throw damaged(`${noun} ${index} is not an object`);
    return element;
  });
}

function readSalt(providers: Value | undefined, damaged: (fault: string) => Failure): string | undefined {
  if (!isObject(providers) || !providers.type) return undefined;
  if (providers.type !== "passphrase") {
    throw damaged(
      `uses the secrets provider "${providers.type}", which is not supported by the embedded engine; use the Pulumi CLI`,
    );
  }
  const salt = isObject(providers.state) ? providers.state.salt : undefined;
  if (typeof salt !== "string") throw damaged("has a passphrase secrets provider without salt");
  return salt;
}

/** Opens secrets and checks the rules of a stack. @throws Failure naming what is wrong. */
export function openDeployment(deployment: Deployment, secrets: SecretStore, stack: string): Snapshot {
  const read = (json: Value | undefined, where: string): ResourceState =>
    readResource(requireResourceShape(json, where), secrets);
  const snapshot: Snapshot = {
    resources: deployment.resources.map((json, index) => read(json, `resource ${index}`)),
    pendingOperations: deployment.pendingOperations.map((json, index) => ({
      resource: read(json.resource, `pending operation ${index}`),
      type: requireOperationType(json.type, stack),
    })),
  };
  requireIntegrity(snapshot, stack);
  return snapshot;
}

/** What `latest` holds besides resources; `time` is RFC 3339. */
export function renderManifest(time: string): Json {
  return { time, magic: magicOf(VERSION), version: VERSION };
}

function magicOf(version: string): string {
  return createHash("sha256").update(version).digest("hex");
}

/** The text of one resource as the stack file holds it, secrets sealed. */
export function resourceText(state: ResourceState, secrets: SecretStore): string {
  return JSON.stringify(renderResource(state, (value, place) => secrets.seal(value, place)));
}

/** Parts of a stack file whose resources are already text. */
export interface CheckpointParts {
  stack: string;
  salt: string;
  time: string;
  extra: Json;
  resources: string[];
  pendingOperations: string[];
  features: string[];
}

/** The text of a stack file: one line of JSON. */
export function checkpointText(parts: CheckpointParts): string {
  const { metadata = {}, ...rest } = parts.extra;
  const pending =
    parts.pendingOperations.length > 0 ? `"pending_operations":[${parts.pendingOperations.join(",")}],` : "";
  const resources = parts.resources.length > 0 ? `"resources":[${parts.resources.join(",")}],` : "";
  const others = Object.entries(rest).map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},`,
  );
  const head =
    parts.features.length > 0 ? `"version":4,"features":${JSON.stringify(parts.features)}` : '"version":3';
  return (
    `{${head},"checkpoint":{"stack":${JSON.stringify(parts.stack)},"latest":{` +
    `"manifest":${JSON.stringify(renderManifest(parts.time))},` +
    `"secrets_providers":${JSON.stringify({ type: "passphrase", state: { salt: parts.salt } })},` +
    `${resources}${pending}${others.join("")}"metadata":${JSON.stringify(metadata)}}}}`
  );
}

/** Features a checkpoint of these resources must announce. */
export function featuresOf(resources: readonly ResourceState[]): string[] {
  return resources.some((state) => state.replaceWith && state.replaceWith.length > 0) ? ["replaceWith"] : [];
}

/** The document of `stack export`: secrets sealed as they are, or opened by `opener` and shown in clear. */
export function renderDeployment(deployment: Deployment, opener?: SecretStore): Json {
  const shown = (value: Value) => (opener ? SecretStore.show(opener.open(value, "")) : value);
  const show = (state: Json): Json =>
    Object.fromEntries(Object.entries(state).map(([key, value]) => [key, shown(value)]));
  const { metadata = {}, ...extra } = deployment.extra;
  const pending = deployment.pendingOperations.map(
    (operation): Json => ({
      resource: show(isObject(operation.resource) ? operation.resource : {}),
      type: operation.type ?? "",
    }),
  );
  return {
    version: deployment.version,
    ...(deployment.features.length > 0 && { features: deployment.features }),
    deployment: {
      manifest: deployment.manifest,
      ...(deployment.salt && { secrets_providers: { type: "passphrase", state: { salt: deployment.salt } } }),
      ...(deployment.resources.length > 0 && { resources: deployment.resources.map(show) }),
      ...(pending.length > 0 && { pending_operations: pending }),
      ...extra,
      metadata,
    },
  };
}
