// Proves what strangers and broken clients get from the released application: security headers, the redirect to https, the
// origins that browsers may call from, the rate limit, and that every documented route refuses who has no token and what is
// no proper body. Says nothing about flaws inside the routes: it is no penetration test.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { baseUrl } from "./http/base-url.ts";
import { expectation } from "./http/expectation.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const path = () => z.string().startsWith("/");
const sentHeaders = () => z.record(z.string(), z.string()).default({});

const inputs = () =>
  z.strictObject({
    /** Where the application answers, e.g. `https://api.example.com`. */
    baseUrl: baseUrl(),
    /** Sent with every request, e.g. `{ "x-forwarded-proto": "https" }` past a proxy. */
    requestHeaders: sentHeaders(),
    /** Makes tokens for requests that must be let in, each of a person of its own (`sub` is a new UUID). */
    token: z
      .strictObject({
        secret: z.string().min(16),
        algorithm: z.enum(["HS256", "HS384", "HS512"]).default("HS256"),
        /** Of somebody who may call every route, e.g. `{ role: "operator" }`. */
        claims: z.record(z.string(), z.json()).default({}),
      })
      .optional(),
    /** Headers of an answer, parsed by name. */
    headers: z.strictObject({ path: path().default("/"), expect: expectation().shape.headers }).optional(),
    /** A request that must be sent on to https. */
    redirect: z.strictObject({ url: z.url(), headers: sentHeaders() }).optional(),
    cors: z
      .strictObject({
        path: path(),
        allowedOrigins: z.array(z.url()).min(1),
        /** @default "https://origin.invalid" */
        deniedOrigin: z.url().default("https://origin.invalid"),
      })
      .optional(),
    rateLimit: z
      .strictObject({
        /** Answers GET with a token; counted. */
        path: path(),
        /** Requests that are let through, 1 to 10000. */
        requests: z.number().int().min(1).max(10_000),
        /** Window of the limit, 1 to 3600 s. @default 60 */
        windowSeconds: z.number().min(1).max(3600).default(60),
        /** Also waits until requests are let through again. @default false */
        recovers: z.boolean().default(false),
      })
      .optional(),
    routes: z
      .strictObject({
        /** The application's OpenAPI document (JSON). @default "/api/openapi.json" */
        document: path().default("/api/openapi.json"),
        /** Routes open to everybody, as the document names them, e.g. `GET /api/health`. */
        public: z.array(z.string().regex(/^[A-Z]+ \//)).default([]),
        /** Size of a body that must be refused, 1024 to 64 MiB. @default 1 MiB */
        oversizedBytes: z.number().int().min(1024).max(67_108_864).default(1_048_576),
      })
      .optional(),
    /** A query that gives the same before and after the bad bodies, e.g. the rows of the tables that routes write. */
    unchanged: z.strictObject({ databaseUrl: z.string().min(1), query: z.string().min(1) }).optional(),
  });
export type SecurityInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: (given) => [
    ...(given.token ? [given.token.secret] : []),
    ...passwordsOf(given.unchanged?.databaseUrl ?? ""),
  ],
  rerun: "always",
  deadlineSeconds: 600,
  async plan(given) {
    const parts = [
      given.headers && "headers",
      given.redirect && "redirect to https",
      given.cors && "origins",
      given.rateLimit && `429 after ${given.rateLimit.requests} requests`,
      given.routes && `every route of ${given.routes.document} without a token and with bad bodies`,
    ];
    return [`look at ${parts.filter(Boolean).join(", ")}`];
  },
  run: async (given, context) => (await import("./security/run.ts")).runSecurity(given, context),
});

/**
 * Evidence, each where it is asked for: observations `headers`, `header-NAME`, `https-redirect`, `cors-allow`, `cors-deny`, `rate-limit`,
 * `rate-limit-recovers`, `authentication`, `forged-token`, `broken-json`, `wrong-type`, `oversized`, `no-row-written`.
 */
export class Security extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("security", name, args, opts);
  }
}
