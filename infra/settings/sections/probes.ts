// Settings of the steps that look at what runs: health, smoke journeys.
import { z } from "zod";
import { baseUrl } from "../../../checks/http/base-url.ts";
// The format of expectations, which health shares with journey files.
import { expectation } from "../../../checks/http/expectation.ts";
import { namedList } from "../../../checks/step/named-list.ts";
import { path, stepOptions, webAddress, whole } from "../kinds.ts";

const route = () => z.string().startsWith("/");
const headers = () => z.record(z.string(), z.string()).default({});

/** `greenlight:preflight` */
export const preflight = () =>
  z
    .strictObject({
      tools: z
        .record(z.string().regex(/^[\w.+-]+$/), z.string().regex(/^\d+(\.\d+)*$/))
        .default({})
        .describe("programs that the deployment calls, with the smallest version"),
      minimumPostgresqlMajor: whole(9, 99, "major version").default(14).describe("oldest database server"),
      databaseRefusesPlain: z
        .boolean()
        .default(false)
        .describe("whether the database must let nobody in without TLS"),
      hosts: z.array(z.string().min(1)).default([]).describe("names that must resolve"),
      certificates: z
        .array(
          z.strictObject({
            host: z.string().min(1).describe("the server"),
            port: whole(1, 65_535, "port").default(443).describe("its port"),
            minimumDays: whole(0, 398, "days").default(14).describe("how long it must still be valid"),
          }),
        )
        .default([])
        .describe("server certificates that must be trusted and last"),
      freeMib: z
        .record(z.string().min(1), z.int().min(1))
        .default({})
        .describe("free space by folder, in MiB"),
      redisMemoryPercent: whole(1, 100, "percent")
        .optional()
        .describe("what Redis may use of its memory is less than this; without it nobody looks"),
      maximumClockSkewSeconds: whole(1, 300, "seconds")
        .default(5)
        .describe("largest difference to AWS's clock; AWS refuses requests beyond 300"),
      ...stepOptions,
    })
    .describe("What must be in order before anything is changed.")
    .meta({ example: { tools: { node: "22.18", pg_dump: "15" }, freeMib: { "/var/lib/orders": 2048 } } });

const healthTarget = () =>
  z.strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      .describe("name of the observation"),
    url: webAddress().describe("what is asked"),
    expect: expectation().optional().describe("what must be answered; without it any 2xx status"),
  });

/** `greenlight:health` */
export const health = () =>
  z
    .strictObject({
      targets: namedList(healthTarget())
        .min(1)
        .describe("what must be healthy")
        .meta({ example: [{ name: "api", url: "https://app.example.com/health" }] }),
      before: namedList(healthTarget())
        .default([])
        .describe(
          "what must be healthy before a release, while the one before still runs; told, and stops nothing",
        ),
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
    .superRefine(({ consecutive, everySeconds, withinSeconds }, context) => {
      const pauses = (consecutive - 1) * everySeconds;
      if (pauses >= withinSeconds)
        context.addIssue({
          code: "custom",
          path: ["withinSeconds"],
          message: `more than ${pauses} s, the pauses between ${consecutive} answers`,
        });
    })
    .describe("Health of the released application.")
    .meta({
      example: {
        targets: [{ name: "api", url: "https://app.example.com/health" }],
        consecutive: 3,
        withinSeconds: 60,
      },
    });

/** `greenlight:security` */
export const security = () =>
  z
    .strictObject({
      baseUrl: baseUrl().describe("where the application answers"),
      requestHeaders: headers().describe("sent with every request, e.g. by a proxy in front"),
      token: z
        .strictObject({
          variable: z
            .string()
            .regex(/^[A-Z][A-Z0-9_]*$/)
            .describe("the application's variable that holds the signing key"),
          algorithm: z.enum(["HS256", "HS384", "HS512"]).default("HS256").describe("how tokens are signed"),
          claims: z.record(z.string(), z.json()).default({}).describe("of somebody who may call every route"),
        })
        .optional()
        .describe("makes tokens for requests that must be let in"),
      headers: z
        .strictObject({
          path: route().default("/").describe("what is asked"),
          expect: expectation().shape.headers.describe("what each header must be, by name"),
        })
        .optional()
        .describe("headers that every browser must get"),
      redirect: z
        .strictObject({
          url: webAddress().describe("what is asked"),
          headers: headers().describe("sent with the request"),
        })
        .optional()
        .describe("a request that must be sent on to https"),
      cors: z
        .strictObject({
          path: route().describe("what is asked"),
          allowedOrigins: z.array(webAddress()).min(1).describe("origins that browsers may call from"),
          deniedOrigin: webAddress()
            .default("https://origin.invalid")
            .describe("one that they may not call from"),
        })
        .optional()
        .describe("who may call from a browser"),
      rateLimit: z
        .strictObject({
          path: route().describe("what is asked"),
          requests: whole(1, 10_000, "requests").describe("how many are let through"),
          windowSeconds: whole(1, 3600, "seconds").default(60).describe("window of the limit"),
          recovers: z.boolean().default(false).describe("waits until requests are let through again"),
        })
        .optional()
        .describe("the limit of one client"),
      routes: z
        .strictObject({
          document: route().default("/api/openapi.json").describe("the OpenAPI document"),
          public: z
            .array(z.string().regex(/^[A-Z]+ \//))
            .default([])
            .describe("routes open to everybody, e.g. `GET /api/health`"),
          oversizedBytes: whole(1024, 67_108_864, "bytes")
            .default(1_048_576)
            .describe("size of a body that must be refused"),
        })
        .optional()
        .describe("every documented route refuses who has no token and what is no proper body"),
      unchangedQuery: z
        .string()
        .min(1)
        .optional()
        .describe("SQL that gives the same before and after the bad requests"),
      ...stepOptions,
    })
    .superRefine(({ token, rateLimit, routes }, context) => {
      if (token === undefined && (rateLimit ?? routes) !== undefined)
        context.addIssue({
          code: "custom",
          path: ["token"],
          message: "a token, since rateLimit and routes ask as people who are let in",
        });
    })
    .describe("What strangers and broken clients get.")
    .meta({
      example: {
        baseUrl: "https://app.example.com",
        token: { variable: "JWT_SECRET" },
        rateLimit: { path: "/api/me", requests: 60 },
        cors: { path: "/api/me", allowedOrigins: ["https://www.example.com"] },
      },
    });

/** `greenlight:smoke` */
export const smoke = () =>
  z
    .strictObject({
      file: path().describe("the journeys (YAML)").meta({ example: "smoke/journeys.yaml" }),
      resumedFile: path()
        .optional()
        .describe("journeys for when everything that rested is switched on again")
        .meta({ example: "smoke/resumed.yaml" }),
      baseUrl: baseUrl()
        .describe("where the application answers")
        .meta({ example: "https://app.example.com" }),
      variables: z
        .record(z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/), z.string())
        .default({})
        .describe("further names for journeys"),
      secrets: z
        .record(z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/), z.string().regex(/^[A-Z][A-Z0-9_]*$/))
        .default({})
        .describe(
          "secrets of the journeys, which sign tokens and stand for `${name}`: their name there, and the application's variable",
        )
        .meta({ example: { jwtSecret: "JWT_SECRET" } }),
      sinkUrl: webAddress()
        .optional()
        .describe("where the journeys' mails and webhooks arrive: answers a list at /messages"),
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
