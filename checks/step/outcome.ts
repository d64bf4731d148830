// What is left of a step that ran.
import type { z } from "zod";
import type { Facts, Observation, Result } from "./definition.ts";
import type { waiver } from "./inputs.ts";

/** What a check observed that ran because a step failed. */
export interface AfterFailure {
  kind: string;
  observations: Observation[];
}

/** What a step keeps in the stack's state; its evidence. Times are RFC 3339 UTC. */
export interface Outcome {
  kind: string;
  name: string;
  result: Result;
  observations: Observation[];
  facts: Facts;
  /** Facts of the last run that came to its end, where this one did not: what the next one goes on from. No evidence. */
  earlier?: Facts;
  startedAt: string;
  finishedAt: string;
  durationSeconds: number;
  digest: string;
  /** A line on each fault that did not stop the update: waived by a person, or the step is advisory. */
  accepted?: string[];
  waivers?: z.output<ReturnType<typeof waiver>>[];
  afterFailure?: AfterFailure[];
}
