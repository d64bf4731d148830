// A table that a statement names, if it existed before the pending files.
import type { ExistingTable, Surroundings } from "./rule.ts";

interface Relation {
  schemaname?: string;
  relname?: string;
}

/** Undefined for a table that the pending files create, and where nothing is named. */
export function tableOf(relation: Relation | undefined, around: Surroundings): ExistingTable | undefined {
  if (!relation?.relname) return undefined;
  return around.existing({ schema: relation.schemaname, name: relation.relname });
}
