// A resource that --target leaves out stays exactly as it was, after everything that it refers to.
import type { ResourceState } from "../types.ts";
import type { Deployment } from "./deployment.ts";
import { Bail } from "./diagnostics.ts";
import type { Registration } from "./goal.ts";
import { referencesOf } from "./references.ts";
import type { Step } from "./step.ts";
import { parseProviderReference } from "./urn.ts";

/**
 * Steps that keep `old`, which the program registers as `urn`, and, before it, what it needs and the program has not registered.
 * @throws when this run has no such provider as it has
 */
export function untargetedSame(
  deployment: Deployment,
  urn: string,
  old: ResourceState,
  registration: Registration,
): Step[] {
  const { olds, seen, registry } = deployment;
  if (old.provider && !registry.get(old.provider)) {
    const wanted = parseProviderReference(old.provider);
    if (olds.get(wanted.urn)?.id !== wanted.id)
      throw new Error(`could not find provider ${old.provider} in old state`);
    throw new Error(
      `provider ${old.provider} for resource ${old.urn} has not been registered yet, this is due to a change of ` +
        "providers mixed with --target. Change your program back to the original providers",
    );
  }
  const keep = (state: ResourceState, own: Registration | undefined): Step[] => {
    seen.urns.add(state.urn);
    seen.sames.add(state.urn);
    const steps: Step[] = [];
    const needed = state.parent ? [state.parent, ...referencesOf(state)] : referencesOf(state);
    for (const need of needed) {
      if (seen.isSettled(need)) continue;
      const other = olds.get(need);
      if (!other)
        throw new Bail(`${need}, which the untargeted resource ${state.urn} needs, has no old state`);
      steps.push(...keep(other, undefined));
    }
    const next = { ...state };
    steps.push({
      op: "same",
      urn: state.urn,
      old: state,
      new: next,
      registration: own,
      logical: true,
      untargeted: true,
    });
    return steps;
  };
  // What stays under a former urn is settled under the new one, too.
  seen.sames.add(urn);
  return keep(old, registration);
}
