// How what exists differs from what a registration wants: by what the run already decided, by its provider being another
// one, and else by what that provider says.
import type { ResourceState } from "../types.ts";
import { compareResource } from "./compare.ts";
import type { Deployment } from "./deployment.ts";
import { forcedBy } from "./plan.ts";
import type { Checked } from "./planning.ts";
import { type Diff, forcedReplacement, noDiff } from "./property-diff.ts";
import { DiffUnavailable } from "./provider.ts";
import { providerReplaces } from "./provider-change.ts";
import { isNamedReplacement } from "./targeting.ts";
import { equal } from "./values.ts";

/** Changes are decided, never `unknown`; where nothing can be compared before an update they are `some`, with a warning. */
export async function differenceOf(
  deployment: Deployment,
  planning: Checked,
  old: ResourceState,
): Promise<Diff> {
  const { registration, urn, next, provider, inputs } = planning;
  const { goal } = registration;
  const { seen, preview, diagnostics } = deployment;
  const forced = forcedBy(goal, isNamedReplacement(deployment, urn, old), (other) =>
    seen.replaces.has(other),
  );
  if (forced) return forced;
  if (await providerReplaces(deployment, old, next)) return forcedReplacement(["provider"]);
  if (!provider) return { ...noDiff(), changes: equal(old.inputs, inputs) ? "none" : "some" };
  try {
    return await compareResource(provider, old, inputs, goal.ignoreChanges, preview);
  } catch (error) {
    if (!(error instanceof DiffUnavailable)) throw error;
    diagnostics.warning(urn, error.message);
    return { ...noDiff(), changes: "some" };
  }
}
