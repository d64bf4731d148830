// Settings of what rests while a release goes on.
import { z } from "zod";
// The format of flags and queues, which the check owns.
import { flag, queue } from "../../../checks/quiesce/definition.ts";
import { stepOptions, whole } from "../kinds.ts";

/** `greenlight:quiesce` */
export const quiesce = () =>
  z
    .strictObject({
      flags: z.array(flag()).default([]).describe("what is switched off, in this order"),
      queues: z.array(queue()).default([]).describe("what must be empty before anything is changed"),
      drainSeconds: whole(1, 86_400, "seconds")
        .default(120)
        .describe("time until nothing is in work any more"),
      everySeconds: z
        .number()
        .min(0.05)
        .max(60)
        .default(0.5)
        .describe("pause between two looks at a queue")
        .meta({ unit: "seconds" }),
      keepOnFailure: z
        .boolean()
        .default(false)
        .describe(
          "leaves everything off when a step fails; without it the failing step switches it on again",
        ),
      resumeAfter: z
        .enum(["release", "smoke"])
        .default("release")
        .describe(
          "when everything is switched on again: once the release is there, or once its journeys have passed",
        ),
      ...stepOptions,
    })
    .refine((given) => given.flags.length + given.queues.length > 0, { error: "flags or queues" })
    .describe("What rests while a release goes on, and is put back afterwards.")
    .meta({
      example: {
        flags: [
          {
            name: "auto-sync",
            table: { table: "feature_flags", keyColumn: "flag_name", key: "auto_sync", column: "enabled" },
            off: "false",
            after: "true",
          },
        ],
        queues: [{ name: "writes", sql: "select count(*) from write_queue where status = 'processing'" }],
        drainSeconds: 120,
      },
    });
