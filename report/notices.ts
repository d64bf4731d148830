// Who was told about a deployment and who could not be, as the steps that told them have on record.
import type { StepReport } from "./steps.ts";

export interface Notice {
  /** `start`, `success`, `failure` or `rollback`. */
  event: string;
  channel: string;
  told: boolean;
  /** What became of the message. */
  observed: string;
}

const TOLD = /-told$/;

/** In the order of the steps; what a failing step told comes with it. */
export function noticesOf(steps: StepReport[]): Notice[] {
  return steps.flatMap((step) => {
    const own =
      step.kind === "notification" ? [{ event: String(step.facts.event ?? step.name), ...step }] : [];
    const after = (step.afterFailure ?? [])
      .filter(({ kind }) => kind === "notification")
      .map((one) => ({ event: "failure", ...one }));
    return [...own, ...after].flatMap(({ event, observations }) =>
      observations.map(({ id, result, observed }) => ({
        event,
        channel: id.replace(TOLD, ""),
        told: result === "passed",
        observed,
      })),
    );
  });
}
