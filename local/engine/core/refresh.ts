// Brings the state of the stack in line with what exists: reads every resource, keeps what it finds. Changes nothing
// outside; resources that are gone leave the state, and what referred to them forgets them.
import type { ResourceState, StepOp } from "../types.ts";
import { compareResource } from "./compare.ts";
import type { Deployment } from "./deployment.ts";
import { messageOf } from "./diagnostics.ts";
import { InitFailure, ProviderFailure } from "./plugin.ts";
import { type Diff, inverted } from "./property-diff.ts";
import { dependentsOf, withoutDangling } from "./references.ts";
import type { Step } from "./step.ts";
import type { StepEvents } from "./step-events.ts";
import { isProviderType } from "./urn.ts";
import { equal } from "./values.ts";

interface Outcome {
  /** Absent: the object is gone. */
  state: ResourceState | undefined;
}

/** Reads all resources, `parallel` at once. True when all could be read; what was found is kept in any case. */
export async function runRefresh(
  deployment: Deployment,
  events: StepEvents,
  parallel: number,
  cancel: AbortSignal,
): Promise<boolean> {
  const { resources } = deployment;
  const chosen = resources.filter((state) => isChosen(deployment, state));
  for (const state of chosen) await deployment.ensureProvider(state);
  const found = new Map<ResourceState, Outcome>();
  let succeeded = true;
  const queue = chosen.values();
  const work = async () => {
    for (const state of queue) {
      if (cancel.aborted) return;
      const outcome = await refreshOne(deployment, events, state);
      if (outcome) found.set(state, outcome);
      else succeeded = false;
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, parallel) }, work));
  const gone = resources.filter((state) => found.has(state) && !found.get(state)?.state);
  const staying = resources.flatMap((state) =>
    gone.includes(state) ? [] : [found.get(state)?.state ?? state],
  );
  const rebuilt = withoutDangling(staying);
  deployment.rebase(rebuilt);
  await deployment.ledger.rebase(rebuilt);
  return succeeded;
}

function isChosen({ targets, request, resources }: Deployment, state: ResourceState): boolean {
  if (targets.includes(state.urn)) return true;
  if (!request.targetDependents) return false;
  return resources
    .filter(({ urn }) => targets.names(urn))
    .some((root) => dependentsOf(resources, root, () => false, false).includes(state));
}

/** Reads one resource; undefined when that failed. */
async function refreshOne(
  deployment: Deployment,
  events: StepEvents,
  old: ResourceState,
): Promise<Outcome | undefined> {
  const step: Step = { op: "refresh", urn: old.urn, old, new: old, logical: false };
  events.before(step);
  try {
    const { state, diff } = await readOne(deployment, old);
    step.new = state;
    if (diff) {
      step.diffs = diff.changedKeys;
      step.detailedDiff = diff.detailedDiff;
    }
    // Only a refresh of its own counts what it finds; before an update it is told as what it is.
    const ownKind = deployment.request.kind === "refresh";
    const op = resultOf(old, state, diff);
    if (ownKind) events.record(step, op);
    events.after(step, ownKind ? op : "refresh");
    return { state };
  } catch (error) {
    const { preview, diagnostics } = deployment;
    diagnostics.error(old.urn, preview ? `Preview failed: ${messageOf(error)}` : messageOf(error));
    if (!preview) events.failed(step, error instanceof ProviderFailure ? error.status : 0);
    return undefined;
  }
}

function resultOf(old: ResourceState, state: ResourceState | undefined, diff: Diff | undefined): StepOp {
  if (!state) return "delete";
  if (state === old) return "same";
  const same = old.external ? equal(old.outputs, state.outputs) : diff?.changes === "none";
  return same ? "same" : "update";
}

async function readOne(
  deployment: Deployment,
  old: ResourceState,
): Promise<{ state: ResourceState | undefined; diff?: Diff }> {
  if (!old.custom || isProviderType(old.type) || old.pendingReplacement) return { state: old };
  const provider = await deployment.providerFor(old);
  if (!provider) return { state: old };
  let initErrors: string[] = [];
  const reply = await provider.read(old, old.inputs, old.outputs).catch((error) => {
    if (!(error instanceof InitFailure)) throw error;
    initErrors = error.reasons;
    const reasons = error.reasons.map((reason) => `\n* ${reason}`).join("");
    deployment.diagnostics.warning(old.urn, `Refreshed resource is in an unhealthy state:${reasons}`);
    return { id: error.id, outputs: error.outputs, inputs: error.inputs };
  });
  if (!reply.id || !reply.outputs) return { state: undefined };
  const inputs = reply.inputs ?? old.inputs;
  const changed = !equal(inputs, old.inputs) || !equal(reply.outputs, old.outputs);
  const state: ResourceState = {
    ...old,
    id: reply.id,
    inputs,
    outputs: reply.outputs,
    initErrors,
    ...(changed && { modified: deployment.now() }),
  };
  if (old.external) return { state };
  const diff = await compareResource(
    provider,
    { ...state, inputs, outputs: reply.outputs },
    old.inputs,
    old.ignoreChanges ?? [],
    deployment.preview,
  ).catch((error: unknown) => {
    // It was read: that it cannot be compared leaves nothing in doubt, as a provider's failure else does.
    throw new Error(messageOf(error), { cause: error });
  });
  return { state, diff: inverted(diff) };
}
