// Settings of the release record.
import { z } from "zod";
import { bucketName, path, stepOptions, whole } from "../kinds.ts";

/** `greenlight:record` */
export const record = () =>
  z
    .strictObject({
      bucketName: bucketName()
        .optional()
        .describe("the bucket's exact name; without it one is made up from the system's name"),
      lockDays: whole(1, 36_500, "days")
        .optional()
        .describe("object lock: for so long nobody, the account's root included, can delete a record"),
      commit: z
        .string()
        .max(200)
        .default("")
        .describe("revision of the program and its settings, e.g. `${GIT_COMMIT:-}`"),
      maximumMinutes: whole(1, 10_080, "minutes")
        .optional()
        .describe("how long a whole update may take; without it nobody judges that"),
      maximumStepSeconds: z
        .record(z.string().regex(/^[a-z]+(-[a-z]+)*$/), whole(1, 86_400, "seconds"))
        .default({})
        .describe("how long single steps may take; told at the end, when it stops nothing any more")
        .meta({ example: { migration: 300 } }),
      copies: path()
        .default(".greenlight/records")
        .describe(
          "folder with a copy of every record that this machine wrote, for `greenlight verify` offline",
        ),
      ...stepOptions,
    })
    .describe("The record of every release, in a bucket of its own, where it does not expire.")
    .meta({ example: { bucketName: "orders-records" } });
