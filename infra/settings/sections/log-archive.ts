// Settings of the bucket that the logs of every release are copied to.
import { z } from "zod";
import { bucketName, stepOptions, whole } from "../kinds.ts";

/** `greenlight:logArchive` */
export const logArchive = () =>
  z
    .strictObject({
      bucketName: bucketName()
        .optional()
        .describe("the bucket's exact name; without it one is made up from the system's name"),
      retentionDays: whole(1, 3_650, "days").default(365).describe("how long a copy stays"),
      lines: whole(1, 100_000, "lines")
        .default(1000)
        .describe("how many of each log's newest lines are copied"),
      ...stepOptions,
    })
    .describe(
      "Copies of the logs that greenlight:logChecks names, one for each release, in a bucket of their own.",
    )
    .meta({ example: { bucketName: "orders-deployment-logs", retentionDays: 365 } });
