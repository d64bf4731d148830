// What --target leaves out, what must not be left out because something targeted needs it, and what --replace names.
import type { ResourceState } from "../types.ts";
import type { Deployment } from "./deployment.ts";
import { referencesOf } from "./references.ts";
import type { Step } from "./step.ts";
import { isProviderType, STACK_TYPE } from "./urn.ts";

/** True when the run may change the resource. Providers and the stack always take part. */
export function isTargeted(deployment: Deployment, next: ResourceState): boolean {
  if (!deployment.targets.given) return true;
  return isProviderType(next.type) || next.type === STACK_TYPE || isNamedTarget(deployment, next);
}

/** True when the resource is named or, with --target-dependents, needs one that is. */
export function isNamedTarget(deployment: Deployment, next: ResourceState): boolean {
  const { targets, seen, request } = deployment;
  if (!targets.given) return false;
  if (targets.names(next.urn)) return true;
  if (!request.targetDependents) return false;
  return neededBy(next).some((urn) => targets.names(urn) || seen.targeted.has(urn));
}

/**
 * Reports, once each, the resources that a step needs and whose creation is left out; true when there are any. A preview names
 * all of them, an update ends with the first.
 */
export function needsLeftOut(deployment: Deployment, step: Step): boolean {
  const { seen, diagnostics, preview } = deployment;
  if (!step.new || step.skippedCreate) return false;
  const needed = neededBy(step.new).filter((urn) => seen.skippedCreates.has(urn));
  const leftOut = new Set(preview ? needed : needed.slice(0, 1));
  for (const urn of leftOut) {
    diagnostics.error(
      step.urn,
      `Resource '${step.urn}' depends on '${urn}' which was not specified in --target list.`,
    );
    seen.skippedCreates.delete(urn);
  }
  return leftOut.size > 0;
}

/** True when the resource is to be replaced whatever it is like: named by --replace, or marked so in the state. */
export function isNamedReplacement(
  { replaced }: Deployment,
  urn: string,
  old: ResourceState | undefined,
): boolean {
  return (replaced.given && replaced.names(urn)) || old?.extra?.taint === true;
}

function neededBy(state: ResourceState): string[] {
  return state.parent ? [state.parent, ...referencesOf(state)] : referencesOf(state);
}
