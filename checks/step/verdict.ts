// What a step's observations amount to, and which of them stop an update.
import type { Finding, Observation, Result } from "./definition.ts";
import type { Common } from "./inputs.ts";

export interface Faults {
  /** A line on each failed observation, or one without data, that stops the update. */
  stopping: string[];
  /** A line on each that a person waived at this time, with who and why. */
  waived: string[];
}

export function faultsOf(finding: Finding, step: Common, now: Date): Faults {
  const today = now.toISOString().slice(0, 10);
  const faults: Faults = { stopping: [], waived: [] };
  for (const observation of finding.observations) {
    if (observation.result !== "failed" && !isBlind(observation)) continue;
    const { id, observed, expected, result } = observation;
    const line = `${id}: ${observed}, want ${expected}${result === "inconclusive" ? " (inconclusive)" : ""}`;
    const waiver = step.waivers?.find((one) => one.observation === id && today < one.expires);
    if (waiver)
      faults.waived.push(`${line}; waived by ${waiver.person} until ${waiver.expires}: ${waiver.reason}`);
    else faults.stopping.push(line);
  }
  return faults;
}

export function verdict(finding: Finding, problem: string | undefined): Result {
  if (problem !== undefined || finding.observations.some((o) => o.result === "failed")) return "failed";
  // What is due later says nothing yet; the others decide.
  const results = finding.observations.filter((o) => !isPending(o)).map((o) => o.result);
  // A step that looked at nothing has proven nothing.
  if (results.includes("inconclusive") || results.length === 0) return "inconclusive";
  return results.every((result) => result === "notApplicable") ? "notApplicable" : "passed";
}

/** Good so far, and due later. */
function isPending(observation: Observation): boolean {
  return observation.result === "inconclusive" && observation.pendingUntil !== undefined;
}

/** No data came where it should have come by now. */
function isBlind(observation: Observation): boolean {
  return observation.result === "inconclusive" && observation.pendingUntil === undefined;
}
