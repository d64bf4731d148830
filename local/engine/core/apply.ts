// Carries out one step: calls the provider where there is something to call, and fills in the new state.
import type { ResourceState } from "../types.ts";
import { isUnknown } from "../value-kinds.ts";
import type { Deployment } from "./deployment.ts";
import { applyImport } from "./import.ts";
import { InitFailure } from "./plugin.ts";
import type { ResourceProvider } from "./provider.ts";
import type { Step } from "./step.ts";
import { isProviderType } from "./urn.ts";
import { equal } from "./values.ts";

/** A deletion that protect forbids; the run goes on beside it. */
export class DeleteProtected extends Error {
  constructor(urn: string) {
    super(
      `resource "${urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, either remove the ` +
        "`protect` flag from the resource in your Pulumi program and run `pulumi up`, or use the command:\n" +
        `\`pulumi state unprotect '${urn}'\``,
    );
  }
}

/** @throws InitFailure when the object exists but is not ready; its state is filled in all the same */
export async function apply(step: Step, deployment: Deployment): Promise<void> {
  switch (step.op) {
    case "same":
      return applySame(step, deployment);
    case "create":
    case "create-replacement":
      return applyCreate(step, deployment);
    case "update":
      return applyUpdate(step, deployment);
    case "delete":
    case "delete-replaced":
    case "discard":
    case "discard-replaced":
      return applyDelete(step, deployment);
    case "read":
    case "read-replacement":
      return applyRead(step, deployment);
    case "import":
    case "import-replacement":
      return applyImport(step, deployment);
    case "replace":
    case "remove-pending-replace":
      return;
    default:
      throw new Error(`step "${step.op}": cannot be carried out here`);
  }
}

async function applySame(step: Step, deployment: Deployment): Promise<void> {
  const { old, next } = both(step);
  setId(next, old.id);
  next.outputs = old.outputs;
  if (isProviderType(next.type) && !step.skippedCreate && !step.untargeted) {
    await deployment.registry.same(old, next.urn);
  }
}

async function applyCreate(step: Step, deployment: Deployment): Promise<void> {
  const next = wanted(step.new);
  const provider = await deployment.providerFor(next);
  let failure: InitFailure | undefined;
  if (provider) {
    const made = await partly(() => provider.create(next));
    if (made instanceof InitFailure) {
      failure = made;
      next.initErrors = made.reasons;
    }
    setId(next, made.id);
    next.outputs = made.outputs;
  }
  next.created = deployment.now();
  next.modified = next.created;
  if (step.pendingDelete && step.old) step.old.delete = true;
  if (failure) throw failure;
}

async function applyUpdate(step: Step, deployment: Deployment): Promise<void> {
  const { old, next } = both(step);
  setId(next, old.id);
  const provider = await deployment.providerFor(next);
  if (!provider) return;
  const updated = await partly(async () => ({ outputs: await provider.update(old, next) }));
  next.outputs = updated.outputs;
  next.modified = deployment.now();
  if (!(updated instanceof InitFailure)) return;
  next.initErrors = updated.reasons;
  next.inputs = { ...old.inputs };
  throw updated;
}

async function applyDelete(step: Step, deployment: Deployment): Promise<void> {
  const old = wanted(step.old);
  const { preview, seen } = deployment;
  if (step.logical && old.protect) throw new DeleteProtected(old.urn);
  const goesWith = old.deletedWith !== undefined && seen.deletes.has(old.deletedWith);
  if (!preview && old.custom && !old.external && !old.retainOnDelete && !goesWith) {
    await (await deployment.providerFor(old))?.delete(old);
  }
  if (step.pendingReplacement) old.pendingReplacement = true;
}

async function applyRead(step: Step, deployment: Deployment): Promise<void> {
  const next = wanted(step.new);
  let failure: InitFailure | undefined;
  if (!isUnknown(next.id)) {
    const provider = wanted(await deployment.providerFor(next));
    const found = await partly(() => readFound(provider, next));
    if (found instanceof InitFailure) {
      failure = found;
      next.initErrors = found.reasons;
    }
    next.outputs = found.outputs;
    if (found.id) next.id = found.id;
  }
  if (step.op === "read-replacement" && step.old) step.old.delete = true;
  const { old } = step;
  if (old) {
    if (old.created) next.created = old.created;
    if (old.modified) next.modified = old.modified;
    if (!equal(next.inputs, old.inputs) || !equal(next.outputs, old.outputs))
      next.modified = deployment.now();
  }
  if (failure) throw failure;
}

async function readFound(provider: ResourceProvider, state: ResourceState) {
  const { id, outputs } = await provider.read(state, state.inputs, state.inputs);
  if (!outputs) throw new Error(`resource '${state.id}' does not exist`);
  return { id, outputs };
}

/** The reply, or what exists although it is not ready. */
async function partly<Reply>(call: () => Promise<Reply>): Promise<Reply | InitFailure> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof InitFailure) return error;
    throw error;
  }
}

function setId(state: ResourceState, id: string | undefined): void {
  if (id === undefined) delete state.id;
  else state.id = id;
}

function both(step: Step): { old: ResourceState; next: ResourceState } {
  return { old: wanted(step.old), next: wanted(step.new) };
}

function wanted<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new Error("a step lacks the state it is about");
  return thing;
}
