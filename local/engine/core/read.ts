// Plans the read of a resource that exists elsewhere.
import { claimUrn } from "./claim.ts";
import type { Deployment } from "./deployment.ts";
import { Bail } from "./diagnostics.ts";
import { type ReadRegistration, stateOfRead } from "./goal.ts";
import { findOld } from "./old-resource.ts";
import type { Step } from "./step.ts";
import { needsLeftOut } from "./targeting.ts";

/**
 * What the stack owned under this name until now, or read by another id, is replaced.
 * @throws when there is no id; Bail when an update would record it beside nothing that it refers to
 */
export function planRead(deployment: Deployment, read: ReadRegistration): Step[] {
  const { seen } = deployment;
  const { goal } = read;
  const urn = claimUrn(deployment, goal);
  const { old } = findOld(deployment, urn, goal, []);
  if (goal.id === "") throw new Error(`Expected an ID for ${urn}`);
  const next = stateOfRead(goal, urn);
  const step: Step = { op: "read", urn, old, new: next, read, logical: true };
  // The official engine records it, tells that the state is invalid now, and refuses every command after that.
  if (!deployment.preview && needsLeftOut(deployment, step)) throw new Bail("untargeted create");
  if (old && !old.external && old.id !== goal.id) {
    seen.replaces.add(urn);
    return [
      { ...step, op: "read-replacement", logical: false },
      { op: "replace", urn, old, new: next, logical: true },
    ];
  }
  seen.reads.add(urn);
  return [step];
}
