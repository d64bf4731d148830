// Proves that the application's secrets are young, that none is one of the retired values, that the running application uses
// what the vault holds now, and, once a value was rotated, that the one before it no longer opens anything. Values are compared
// in memory; only dates are kept. Says nothing about secrets that are not in the vault.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    /** Name or ARN of the secret: a JSON object of variables. */
    secret: z.string().min(1),
    /** The variables that are judged. */
    variables: z.array(z.string().min(1)).min(1),
    /** Those of them that the stack made up: their first value is a new one. */
    generated: z.array(z.string()).default([]),
    /** Age at which a value must have been replaced, 1 to 3650 days. @default 90 */
    maximumAgeDays: z.number().int().min(1).max(3650).default(90),
    /** SHA-256 of values used before there was a vault, in hex, by variable. None may be in use. */
    retired: z.record(z.string(), z.array(z.string().regex(/^[0-9a-f]{64}$/))).default({}),
    /** A variable that is a PostgreSQL address with a password. */
    database: z
      .strictObject({
        variable: z.string().min(1),
        /** CA of the server, PEM file. @default the system's */
        caFile: z.string().optional(),
      })
      .optional(),
    /** A variable with which tokens are signed, and where the application judges them. */
    token: z
      .strictObject({
        variable: z.string().min(1),
        /** Answers GET with 2xx to who has a token, 401 to others. */
        url: z.url(),
        algorithm: z.enum(["HS256", "HS384", "HS512"]).default("HS256"),
        claims: z.record(z.string(), z.json()).default({}),
      })
      .optional(),
  });
export type SecretsInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  // Values are read from the vault while it runs and put into no text.
  secrets: () => [],
  rerun: "always",
  deadlineSeconds: 120,
  async plan({ variables = [], maximumAgeDays }) {
    return [
      `judge the age of ${variables.length} secrets (at most ${maximumAgeDays} days) and try what was replaced`,
    ];
  },
  run: async (given, context) => (await import("./secrets/run.ts")).runSecrets(given, context),
});

/**
 * Evidence: observations `<variable>`, and for the database's and the tokens' variable `<variable>-accepted` and
 * `<variable>-replaced`; facts `versionId`, `previousVersionId`, `variables: { JWT_SECRET: { since, replacedAt } }`.
 */
export class SecretsProof extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("secrets", name, args, opts);
  }
}
