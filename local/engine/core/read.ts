// Plans the read of a resource that exists elsewhere.
import { claimUrn } from "./claim.ts";
import type { Deployment } from "./deployment.ts";
import { type ReadRegistration, stateOfRead } from "./goal.ts";
import { findOld } from "./old-resource.ts";
import type { Step } from "./step.ts";

/** What the stack owned under this name until now, or read by another id, is replaced. @throws when there is no id */
export function planRead(deployment: Deployment, read: ReadRegistration): Step[] {
  const { seen } = deployment;
  const { goal } = read;
  const urn = claimUrn(deployment, goal);
  const { old } = findOld(deployment, urn, goal, []);
  if (goal.id === "") throw new Error(`Expected an ID for ${urn}`);
  const next = stateOfRead(goal, urn);
  if (old && !old.external && old.id !== goal.id) {
    seen.replaces.add(urn);
    return [
      { op: "read-replacement", urn, old, new: next, read, logical: false },
      { op: "replace", urn, old, new: next, logical: true },
    ];
  }
  seen.reads.add(urn);
  return [{ op: "read", urn, old, new: next, read, logical: true }];
}
