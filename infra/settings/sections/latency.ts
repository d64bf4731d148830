// Settings of the latency check.
import { z } from "zod";
// The format of targets and limits, which the check owns.
import { databaseLatency, latencyTarget } from "../../../checks/latency/definition.ts";
import { namedList } from "../../../checks/step/named-list.ts";
import { stepOptions, variableName, whole } from "../kinds.ts";

/** `greenlight:latency` */
export const latency = () =>
  z
    .strictObject({
      targets: namedList(latencyTarget()).min(1).describe("what is asked, one after another"),
      people: z
        .strictObject({
          variable: variableName().describe("the application's variable that holds the signing key"),
          algorithm: z.enum(["HS256", "HS384", "HS512"]).default("HS256").describe("how tokens are signed"),
          claims: z.record(z.string(), z.json()).default({}).describe("of somebody who may ask"),
          count: whole(1, 10_000, "people")
            .default(50)
            .describe("how many different ones, so that no limit of one person is reached"),
        })
        .optional()
        .describe("whose tokens authorized targets send"),
      database: databaseLatency()
        .optional()
        .describe("limits of the database's statements meanwhile, from pg_stat_statements"),
      ...stepOptions,
    })
    .superRefine((given, context) => {
      if (given.targets.some(({ authorized }) => authorized) && given.people === undefined)
        context.addIssue({
          code: "custom",
          path: ["people"],
          message: "people, since a target is authorized",
        });
    })
    .describe("How fast the released application answers at a constant rate, or under load.")
    .meta({
      example: {
        targets: [
          {
            name: "health",
            url: "https://app.example.com/api/health",
            perSecond: 100,
            seconds: 30,
            p95: 500,
            p99: 1000,
          },
          {
            name: "orders",
            url: "https://app.example.com/api/orders",
            authorized: true,
            p95: 1000,
            maximumBaselineRatio: 1.5,
          },
        ],
        people: { variable: "JWT_SECRET", claims: { role: "user" } },
        database: { maximumMeanMilliseconds: 20 },
      },
    });
