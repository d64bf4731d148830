// Delete-before-replace: the deletions that must come before a replacement is created, dependents first.
import type { ResourceState } from "../types.ts";
import { compareDependent } from "./compare.ts";
import type { Deployment } from "./deployment.ts";
import { Bail } from "./diagnostics.ts";
import { dependentReplacements, followersOf } from "./replacement.ts";
import type { Step } from "./step.ts";

/** @throws Bail when a dependent is protected */
export async function deletionsBefore(
  deployment: Deployment,
  old: ResourceState,
  urn: string,
): Promise<Step[]> {
  const { seen, olds, news, diagnostics, resources } = deployment;
  const settled = (other: string) => seen.isSettled(other);
  const dependents = await dependentReplacements(resources, old, settled, (resource, inputs) =>
    compareDependent(deployment, resource, inputs),
  );
  dependents.push(...followersOf(urn, [...news.values(), ...olds.values()]));
  const steps: Step[] = [];
  for (const { resource, keys } of dependents.reverse()) {
    if (seen.pendingDeletes.has(resource)) continue;
    seen.dependentKeys.set(resource.urn, keys);
    if (resource.protect && !resource.delete) {
      const message =
        `unable to replace resource "${resource.urn}" as part of replacing "${urn}" as it is currently marked ` +
        "for protection. To unprotect the resource, remove the `protect` flag from the resource in your Pulumi " +
        `program and run \`pulumi up\`, or use the command:\n\`pulumi state unprotect '${resource.urn}'\``;
      diagnostics.error(urn, message);
      throw new Bail(message);
    }
    await deployment.ensureProvider(resource);
    steps.push({
      op: resource.delete ? "delete" : "delete-replaced",
      urn: resource.urn,
      old: resource,
      logical: resource.delete === true,
      pendingReplacement: !resource.delete,
    });
    seen.deletes.add(resource.urn);
    seen.pendingDeletes.add(resource);
  }
  await deployment.ensureProvider(old);
  if (!old.pendingReplacement) {
    seen.deletes.add(old.urn);
    steps.push({ op: "delete-replaced", urn: old.urn, old, logical: false, pendingReplacement: true });
  }
  return steps;
}
