// One stack of a backend, opened: its snapshot with clear secrets, and the ways to write it.
import { copyFile, rm } from "node:fs/promises";
import type { ResourceState, Snapshot } from "../types.ts";
import { readOptional, writeAtomically } from "./atomic-file.ts";
import { type Backend, fullName, requireLayout, type StackReference, stackPaths } from "./backend.ts";
import { checkpointText, type Deployment, featuresOf, openDeployment, resourceText } from "./checkpoint.ts";
import { EXIT, Failure, notSupported } from "./failure.ts";
import { StackJournal } from "./journal.ts";
import { type Crypter, openCrypter } from "./passphrase.ts";
import { readStored, type StoredStack, settleJournal } from "./recovery.ts";
import { SecretStore } from "./secrets.ts";

/** A stack with everything opened. */
export interface OpenStack {
  backend: Backend;
  reference: StackReference;
  stored: StoredStack;
  snapshot: Snapshot;
  /** Seals for writing: the key of the stack file. */
  secrets: SecretStore;
}

/** Reads a stack as it is, its journal included. @throws Failure with exit code 6 when there is none. */
export async function requireStored(backend: Backend, reference: StackReference): Promise<StoredStack> {
  const paths = stackPaths(backend, reference);
  const stored = await readStored(paths);
  if (stored) return stored;
  for (const packing of ["gz", "zst"]) {
    if ((await readOptional(`${paths.file}.${packing}`)) !== undefined) {
      throw notSupported(`packed state file "${paths.file}.${packing}"`);
    }
  }
  throw new Failure(`no stack named '${reference.name}' found`, EXIT.stackNotFound);
}

/**
 * Opens a stack. `crypter` is the stack file's; undefined for a command that needs the state's secrets only.
 * @throws Failure when the state is damaged, foreign, or encrypted under another passphrase.
 */
export async function openStack(
  backend: Backend,
  reference: StackReference,
  stored: StoredStack,
  crypter: Crypter | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<OpenStack> {
  const { salt } = stored.deployment;
  const own = salt === undefined || salt === crypter?.salt ? crypter : await openCrypter(salt, environment);
  const reader = own ?? crypter;
  if (!reader) {
    throw new Failure(
      `stack "${reference.name}": has no secrets provider; run pulumi config refresh or up once`,
    );
  }
  const secrets = new SecretStore(reader);
  const snapshot = openDeployment(stored.deployment, secrets, reference.name);
  const writer = crypter && crypter.salt !== reader.salt ? new SecretStore(crypter) : secrets;
  return { backend, reference, stored, snapshot, secrets: writer };
}

/** Folds what a killed run left, under the lock. Returns a warning when a journal had to be put aside. */
export async function settle(backend: Backend, reference: StackReference): Promise<string | undefined> {
  const paths = stackPaths(backend, reference);
  const stored = await readStored(paths);
  const aside = stored && (await settleJournal(paths, stored, fullName(reference)));
  return (
    aside &&
    `state "${reference.name}": the journal of a killed update does not belong to this state file, which something else ` +
      `has written since; it is kept as ${aside}`
  );
}

/** Begins the journal of an update. A state sealed under another key is written under the stack's key first. */
export async function startJournal(stack: OpenStack): Promise<StackJournal> {
  const paths = stackPaths(stack.backend, stack.reference);
  if (stack.stored.deployment.salt !== stack.secrets.salt) await writeSnapshot(stack, stack.snapshot);
  const { deployment, checkpoint } = stack.stored;
  return new StackJournal({
    paths,
    checkpoint,
    base: stack.snapshot,
    baseText: (index) => JSON.stringify(deployment.resources[index]),
    textOf: (state) => resourceText(state, stack.secrets),
    render: (resources, pending, snapshot) =>
      render(stack, resources, { ...snapshot, pendingOperations: pending }),
  });
}

/** Replaces the whole state, keeping the file before as `.bak`. */
export async function writeSnapshot(stack: OpenStack, snapshot: Snapshot): Promise<void> {
  const paths = stackPaths(stack.backend, stack.reference);
  const resources = snapshot.resources.map((state) => resourceText(state, stack.secrets));
  const text = render(stack, resources, snapshot);
  if ((await readOptional(paths.file)) !== undefined) await copyFile(paths.file, paths.previous);
  await writeAtomically(paths.file, text);
  const deployment: Deployment = { ...stack.stored.deployment, salt: stack.secrets.salt };
  deployment.resources = resources.map((state) => JSON.parse(state));
  stack.stored = { deployment, checkpoint: text, journal: "none" };
  stack.snapshot = snapshot;
}

function render(stack: OpenStack, resources: string[], snapshot: Snapshot): string {
  return checkpointText({
    stack: fullName(stack.reference),
    salt: stack.secrets.salt,
    time: new Date().toISOString(),
    extra: stack.stored.deployment.extra,
    resources,
    pendingOperations: snapshot.pendingOperations.map(
      ({ resource, type }) => `{"resource":${resourceText(resource, stack.secrets)},"type":"${type}"}`,
    ),
    features: featuresOf(snapshot.resources),
  });
}

/** Makes an empty stack. @throws Failure when it exists. */
export async function createStack(backend: Backend, reference: StackReference, salt: string): Promise<void> {
  await requireLayout(backend);
  const { file } = stackPaths(backend, reference);
  if ((await readOptional(file)) !== undefined)
    throw new Failure(`stack '${fullName(reference)}' already exists`);
  const time = new Date().toISOString();
  const empty = { extra: {}, resources: [], pendingOperations: [], features: [] };
  await writeAtomically(file, checkpointText({ stack: fullName(reference), salt, time, ...empty }));
}

/** Removes the state, journal, tags and history of a stack; the state stays as `.bak`. */
export async function removeStack(backend: Backend, reference: StackReference): Promise<void> {
  const paths = stackPaths(backend, reference);
  await copyFile(paths.file, paths.previous);
  for (const path of [paths.journal, paths.tags, `${paths.file}.attrs`, paths.file])
    await rm(path, { force: true });
  await rm(paths.history, { recursive: true, force: true });
}

/** The root stack's outputs, `{}` before the first update. */
export function stackOutputs(snapshot: Snapshot): ResourceState["outputs"] {
  return (
    snapshot.resources.find((state) => state.type === "pulumi:pulumi:Stack" && !state.delete)?.outputs ?? {}
  );
}
