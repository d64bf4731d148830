// What another provider, or the same one with other settings, means for the resources that it made.
import type { ResourceState } from "../types.ts";
import type { Deployment } from "./deployment.ts";
import { parseProviderReference } from "./urn.ts";

/** True when a resource must be replaced because its provider is another one now. */
export async function providerReplaces(
  deployment: Deployment,
  old: ResourceState,
  next: ResourceState,
): Promise<boolean> {
  if (old.provider === next.provider) return false;
  if (!old.provider || !next.provider) return true;
  const before = parseProviderReference(old.provider);
  const after = parseProviderReference(next.provider);
  const { olds, seen, registry } = deployment;
  if (seen.claimed.get(before.urn) === after.urn) return false;
  const oldProvider = olds.get(before.urn);
  const newProvider = seen.providers.get(after.urn);
  if (!oldProvider || !newProvider) return false;
  return registry.mustReplaceResources(oldProvider, newProvider, next.provider);
}
