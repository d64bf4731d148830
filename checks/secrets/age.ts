// How long each value has been in use: from the vault's two versions and from what the last run found, since the vault knows
// when a version was made but not which of its variables changed then.
import { z } from "zod";
import type { Facts } from "../step/definition.ts";
import type { Vault } from "./vault.ts";

/** What is known of one variable. */
export interface Age {
  /** When the value came into use, or an earlier day if that is not known; RFC 3339 UTC. */
  since: string;
  /** When another value was replaced by this one; null while none was. */
  replacedAt: string | null;
}

const remembered = () =>
  z.object({
    versionId: z.string(),
    variables: z.record(z.string(), z.object({ since: z.string(), replacedAt: z.string().nullable() })),
  });

/** @param previous the facts of the step's last run */
export function ageOf(variable: string, { madeAt, current, previous }: Vault, facts: Facts | undefined): Age {
  const known = remembered().safeParse(facts).data;
  const before = known?.variables[variable];
  if (before !== undefined && known?.versionId === current.id) return before;
  if (previous === undefined) return { since: current.createdAt, replacedAt: null };
  const old = previous.variables[variable];
  // Versions before these two may have had the value too.
  if (old === current.variables[variable]) return before ?? { since: madeAt, replacedAt: null };
  // An empty text was no value that could have been replaced.
  return { since: current.createdAt, replacedAt: old ? current.createdAt : null };
}

/** Whole and parts of days from then to now. */
export function daysSince(time: string, now: Date): number {
  return (now.getTime() - Date.parse(time)) / 86_400_000;
}
