// Settings of the way back: its limits and triggers, and the section that a rollback itself is made of.
import { z } from "zod";
import { path, stepOptions, whole } from "../kinds.ts";

const observation = () =>
  z.string().regex(/^[a-z][a-z-]*(#[a-z0-9][a-z0-9-]*)?$/, "must be STEP or STEP#OBSERVATION");

/** `greenlight:rollback` */
export const rollback = () =>
  z
    .strictObject({
      limitSeconds: whole(1, 86_400, "seconds")
        .default(300)
        .describe("longest time of a rollback, from the command to its last proof"),
      triggers: z
        .array(
          z
            .strictObject({
              name: z
                .string()
                .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
                .describe("kebab-case, e.g. `data-lost`"),
              kind: z
                .enum(["immediate", "conditional"])
                .default("immediate")
                .describe("`immediate` is to be followed at once; `conditional` asks a person"),
              when: z
                .array(observation())
                .min(1)
                .describe("steps or observations (STEP#OBSERVATION) that fire it when they fail"),
            })
            .describe("a reason to go back"),
        )
        .default([])
        .describe("reasons to go back, each judged by what the steps observe"),
      automatic: z
        .boolean()
        .default(false)
        .describe(
          "whether `greenlight up` and `greenlight watch` go back by themselves when an immediate trigger comes true",
        ),
      keepReplacedHours: whole(0, 8760, "hours")
        .default(168)
        .describe(
          "how long a database that `--restore-database` replaced stays beside the live one; the next update after that drops it",
        ),
      ...stepOptions,
    })
    .describe("The way back: proven before a release that it exists, and the reasons to take it.")
    .meta({
      example: {
        limitSeconds: 300,
        triggers: [{ name: "data-lost", when: ["rows", "schema"] }],
      },
    });

/** `greenlight:undo` */
export const undo = () =>
  z
    .strictObject({
      record: path().describe("the record of the release to go back to, a JSON file"),
      to: z.string().min(1).describe("the key of that record"),
      undoes: z.string().min(1).optional().describe("the key of the record that is undone"),
      startedAt: z.iso.datetime().describe("when the rollback began"),
      limitSeconds: whole(1, 86_400, "seconds")
        .optional()
        .describe("longest time of the rollback; without it the one of `greenlight:rollback`"),
      migrations: path()
        .optional()
        .describe("folder with the migrations that are taken back and their down files"),
      backup: path()
        .optional()
        .describe("restores the database instead: a JSON file with the figures of the backup step"),
    })
    .describe(
      "Makes a deployment a rollback; `greenlight rollback` writes this section, see docs/operation.md.",
    )
    .meta({
      example: {
        record: "record.json",
        to: "records/orders/production/2026-05-04T09-12-33-120Z-0a1b2c.json",
        startedAt: "2026-05-04T10:00:00.000Z",
      },
    });
