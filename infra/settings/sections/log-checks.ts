// Settings of the check of the application's logs.
import { z } from "zod";
// The format of sources, which the check owns.
import { forbidden, logSource } from "../../../checks/logs/definition.ts";
import { namedList } from "../../../checks/step/named-list.ts";
import { stepOptions } from "../kinds.ts";

/** `greenlight:logChecks` */
export const logChecks = () =>
  z
    .strictObject({
      sources: namedList(logSource()).min(1).describe("the logs"),
      forbidden: forbidden().default({}),
      ...stepOptions,
    })
    .describe(
      "What the application's logs must look like, and what may not stand in them; its secrets may not in any case.",
    )
    .meta({
      example: {
        sources: [
          {
            name: "application",
            file: "/var/log/orders/application.log",
            pattern: "(?<time>\\S+) \\| (?<level>[A-Z]+) \\| \\S+ \\| .*",
            freshSeconds: 300,
            rotation: { maximumBytes: 10_485_760, maximumFiles: 30 },
          },
          { name: "collected", group: "/orders/application", json: {}, minimumRetentionDays: 30 },
        ],
        forbidden: { "mail-address": "[\\w.+-]+@[\\w-]+\\.\\w+" },
      },
    });
