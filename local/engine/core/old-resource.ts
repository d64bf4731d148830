// Finds what a registration continues: the old resource of its own urn, or of a urn that it had before.
import type { ResourceState } from "../types.ts";
import { aliasUrns } from "./aliases.ts";
import type { Deployment } from "./deployment.ts";
import type { Alias } from "./goal.ts";

export interface OldResource {
  old: ResourceState | undefined;
  /** Two resources claim the same old one; the error was reported. */
  invalid: boolean;
}

export function findOld(
  deployment: Deployment,
  urn: string,
  goal: { type: string; name: string; parent?: string },
  aliases: Alias[],
): OldResource {
  const { olds, seen, diagnostics, ledger, registry, request } = deployment;
  let invalid = false;
  const takenBy = seen.claimed.get(urn);
  if (takenBy) {
    diagnostics.error(urn, `Duplicate resource alias: '${urn}' was already used by '${takenBy}'`);
    invalid = true;
  }
  const own = olds.get(urn);
  if (own) return { old: own, invalid };
  const context = { stack: request.stack, project: request.project.name, matched: seen.former };
  for (const former of aliasUrns(goal, aliases, context)) {
    const old = olds.get(former);
    if (!old) continue;
    const other = seen.urns.has(former) ? former : seen.claimed.get(former);
    if (other) {
      diagnostics.error(urn, `Duplicate resource alias: '${former}' is already used by '${other}'`);
      return { old, invalid: true };
    }
    seen.claimed.set(former, urn);
    seen.former.set(urn, former);
    ledger.rename(former, urn);
    registry.alias(urn, former, old.id);
    return { old, invalid };
  }
  return { old: undefined, invalid };
}
