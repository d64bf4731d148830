// What the program no longer has: planned once it ended well, deleted in layers, dependents first.
import type { ResourceState } from "../types.ts";
import { compareDependent } from "./compare.ts";
import type { Deployment } from "./deployment.ts";
import { Bail } from "./diagnostics.ts";
import type { Executor } from "./executor.ts";
import { deletionLayers, dependentsOf, transitiveReferences } from "./references.ts";
import { dependentReplacements, followersOf } from "./replacement.ts";
import type { Step } from "./step.ts";

/** Deletes everything old that this run did not touch. @throws Bail when a target leaves out what depends on it */
export async function runDeletePhase(deployment: Deployment, executor: Executor): Promise<void> {
  const { sames, deletions } = await planDeletions(deployment);
  if (sames.length > 0) await (await executor.start(sames)).done;
  const byState = new Map(deletions.map((step) => [step.old, step]));
  const condemned = new Set(deletions.flatMap(({ old }) => (old ? [old] : [])));
  for (const layer of deletionLayers(deployment.resources, condemned)) {
    const failed = executor.failedSteps
      .flatMap(({ old, new: next }) => [old, next])
      .filter((state) => !!state);
    const needed = transitiveReferences(deployment.resources, failed);
    const steps = layer.filter((state) => !needed.has(state)).flatMap((state) => byState.get(state) ?? []);
    await executor.runLayer(steps);
    if (executor.stopped.aborted) return;
  }
}

async function planDeletions(deployment: Deployment): Promise<{ sames: Step[]; deletions: Step[] }> {
  const { seen, resources } = deployment;
  const allowed = await allowedByTargets(deployment);
  const sames: Step[] = [];
  const deletions: Step[] = [];
  for (const state of resources) {
    const { urn } = state;
    if (allowed && !allowed.has(urn)) {
      if (!seen.isContinued(urn)) {
        sames.push({ op: "same", urn, old: state, new: { ...state }, logical: true, untargeted: true });
      }
      continue;
    }
    const step = deletionOf(deployment, state);
    if (!step) continue;
    deletions.push(step);
    if (!deployment.preview) await deployment.ensureProvider(state);
  }
  return { sames, deletions };
}

function deletionOf({ seen }: Deployment, state: ResourceState): Step | undefined {
  const { urn } = state;
  if (state.delete) {
    if (seen.pendingDeletes.has(state)) return undefined;
    seen.deletes.add(urn);
    return { op: state.external ? "discard-replaced" : "delete-replaced", urn, old: state, logical: false };
  }
  if (seen.isContinued(urn)) return undefined;
  seen.deletes.add(urn);
  if (state.pendingReplacement) return { op: "remove-pending-replace", urn, old: state, logical: false };
  return { op: state.external ? "discard" : "delete", urn, old: state, logical: true };
}

/** Urns that may go when targets are given: those named and everything that depends on them. */
async function allowedByTargets(deployment: Deployment): Promise<Set<string> | undefined> {
  const { targets, resources, request, diagnostics, preview } = deployment;
  if (!targets.given) return undefined;
  const named = resources.filter(({ urn }) => targets.names(urn));
  const allowed = new Set(named.map(({ urn }) => urn));
  for (const root of named) {
    for (const { urn } of dependentsOf(resources, root, () => false, true)) allowed.add(urn);
  }
  const settled = (urn: string) => deployment.seen.isSettled(urn);
  for (const root of resources.filter(({ urn }) => allowed.has(urn))) {
    const dependents = await dependentReplacements(resources, root, settled, (resource, inputs) =>
      compareDependent(deployment, resource, inputs),
    );
    for (const { resource } of [...dependents, ...followersOf(root.urn, resources)])
      allowed.add(resource.urn);
  }
  let refused = false;
  for (const state of resources) {
    const goes = allowed.has(state.urn) && (state.delete || !deployment.seen.isContinued(state.urn));
    if (!goes || targets.names(state.urn) || request.targetDependents) continue;
    diagnostics.error(
      state.urn,
      `Resource '${state.urn}' will be destroyed but was not specified in --target list.\n` +
        "Either include resource in --target list or pass --target-dependents to proceed.",
    );
    refused = true;
  }
  if (refused && !preview) throw new Bail("delete untargeted resource");
  return allowed;
}
