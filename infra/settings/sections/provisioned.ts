// Settings of the step that reads back what was provisioned.
import { z } from "zod";
import { stepOptions } from "../kinds.ts";

/** `greenlight:provisioned` */
export const provisioned = () =>
  z
    .strictObject({
      regions: z
        .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/))
        .min(1)
        .describe("the regions that were chosen; nothing of the stack may be elsewhere")
        .meta({ example: ["us-east-1"] }),
      cacheKey: z
        .boolean()
        .default(true)
        .describe(
          "whether Redis must be encrypted with the stack's own key; the local emulator does not tell with which",
        ),
      databaseInstance: z
        .string()
        .regex(/^[a-z][a-z0-9-]{0,62}$/)
        .optional()
        .describe(
          "identifier of the RDS instance that serves the database: its encryption and point-in-time recovery are looked at",
        ),
      ...stepOptions,
    })
    .describe("Reads back through AWS's own APIs what the stack provisioned.")
    .meta({ example: { regions: ["us-east-1"] } });
