// Says, when a step fails, which reasons to go back came true and what to do: run by the failing step itself, so that a plain
// `pulumi up` says it, too. An update cannot undo itself, so it goes back nowhere; `greenlight up` and `greenlight rollback` do.
import { z } from "zod";
import { defineStep } from "./step/definition.ts";
import { decisionLine, firedTriggers } from "./triggers/fired.ts";
import { trigger } from "./triggers.ts";

const failed = () =>
  z.object({
    name: z.string(),
    result: z.string(),
    observations: z.array(
      z.object({ id: z.string(), result: z.string(), expected: z.string(), observed: z.string() }),
    ),
    facts: z.record(z.string(), z.json()),
  });

const inputs = () =>
  z.strictObject({
    stack: z.string().min(1),
    triggers: z.array(trigger()).default([]),
    /** The step that failed, as it ended; absent when it could not begin. */
    failed: failed().optional(),
  });

/** Evidence: one observation a trigger that came true, `go-back-NAME`. */
export const step = defineStep({
  inputs,
  secrets: () => [],
  rerun: "always",
  deadlineSeconds: 30,
  async run({ stack, triggers, failed: ended }) {
    const fired = ended ? firedTriggers(triggers, [ended]) : [];
    const expected = "people know what to do";
    if (fired.length === 0)
      return {
        observations: [
          { id: "go-back", result: "notApplicable", expected, observed: "no trigger came true" },
        ],
        facts: {},
      };
    return {
      observations: fired.map((one) => ({
        id: `go-back-${one.name}`,
        result: "passed" as const,
        expected,
        observed: decisionLine(one, stack),
      })),
      facts: {},
    };
  },
});
