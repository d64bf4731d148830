// Which urn a registration gets, and that no two of a run get the same.
import type { Deployment } from "./deployment.ts";
import { Bail } from "./diagnostics.ts";
import { makeUrn, parseUrn } from "./urn.ts";

interface Named {
  type: string;
  name: string;
  parent?: string;
}

/** The urn that a registration gets, whether it may have it or not. */
export function urnOf({ request }: Deployment, { type, name, parent }: Named): string {
  const parentType = parent === undefined ? undefined : parseUrn(parent).qualifiedType;
  return makeUrn(request.stack, request.project.name, parentType, type, name);
}

/** The urn, now this registration's. @throws Bail when another has it, and when the parent is not registered */
export function claimUrn(deployment: Deployment, named: Named): string {
  const { seen, diagnostics } = deployment;
  if (named.parent !== undefined && !seen.urns.has(named.parent)) {
    throw new Error(`could not find parent resource ${named.parent}`);
  }
  const urn = urnOf(deployment, named);
  if (seen.urns.has(urn)) {
    diagnostics.error(urn, `Duplicate resource URN '${urn}'; try giving it a unique name`);
    throw new Bail("duplicate resource urn");
  }
  seen.urns.add(urn);
  return urn;
}
