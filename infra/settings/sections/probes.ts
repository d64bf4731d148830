// Settings of the steps that look at what runs: health, smoke journeys.
import { z } from "zod";
// The format of expectations, which health shares with journey files.
import { expectation } from "../../../checks/http/expectation.ts";
import { path, stepOptions, webAddress, whole } from "../kinds.ts";

/** `greenlight:health` */
export const health = () =>
  z
    .strictObject({
      targets: z
        .array(
          z.strictObject({
            name: z
              .string()
              .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
              .describe("name of the observation"),
            url: webAddress().describe("what is asked"),
            expect: expectation().optional().describe("what must be answered; without it any 2xx status"),
          }),
        )
        .min(1)
        .describe("what must be healthy")
        .meta({ example: [{ name: "api", url: "https://app.example.com/health" }] }),
      consecutive: whole(1, 100, "answers").default(3).describe("good answers in a row that make it healthy"),
      everySeconds: z
        .number()
        .min(0.05)
        .max(300)
        .default(1)
        .describe("pause between two looks")
        .meta({ unit: "seconds" }),
      timeoutSeconds: z
        .number()
        .min(0.1)
        .max(60)
        .default(5)
        .describe("time for one answer")
        .meta({ unit: "seconds" }),
      withinSeconds: whole(1, 3600, "seconds").default(60).describe("time for all to become healthy"),
      ...stepOptions,
    })
    .describe("Health of the released application.")
    .meta({
      example: {
        targets: [{ name: "api", url: "https://app.example.com/health" }],
        consecutive: 3,
        withinSeconds: 60,
      },
    });

/** `greenlight:smoke` */
export const smoke = () =>
  z
    .strictObject({
      file: path().describe("the journeys (YAML)").meta({ example: "smoke/journeys.yaml" }),
      baseUrl: webAddress()
        .describe("where the application answers")
        .meta({ example: "https://app.example.com" }),
      variables: z
        .record(z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/), z.string())
        .default({})
        .describe("further names for journeys"),
      secrets: z
        .record(z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/), z.string().regex(/^[A-Z][A-Z0-9_]*$/))
        .default({})
        .describe("keys that sign tokens: the journeys' name, and the application's variable that holds it")
        .meta({ example: { jwtSecret: "JWT_SECRET" } }),
      sinkUrl: webAddress()
        .optional()
        .describe("where mails and webhooks of a test system arrive, for steps that look there"),
      redisCaFile: path().optional().describe("CA of the cache's certificate, where it is not a public one"),
      suiteSeconds: whole(1, 3600, "seconds").default(300).describe("longest time for all journeys together"),
      ...stepOptions,
    })
    .describe("Journeys of users through the released application.")
    .meta({
      example: {
        file: "smoke/journeys.yaml",
        baseUrl: "https://app.example.com",
        secrets: { jwtSecret: "JWT_SECRET" },
      },
    });
