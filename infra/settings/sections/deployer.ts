// Settings of the identity that deploys.
import { z } from "zod";
import { identity } from "../kinds.ts";

/** `greenlight:deployer` */
export const deployer = () =>
  z
    .strictObject({
      identities: z
        .array(identity())
        .default([])
        .describe("who may take the role that deploys, beside the CI"),
      ci: z
        .strictObject({
          issuer: z
            .url({ protocol: /^https$/ })
            .default("https://token.actions.githubusercontent.com")
            .describe("who issues the tokens of the CI's jobs (OpenID Connect)"),
          audience: z.string().min(1).default("sts.amazonaws.com").describe("whom the tokens are for"),
          subjects: z
            .array(z.string().regex(/^[^*?]+\/[^*?:]+:[^?]+$/))
            .min(1)
            .describe(
              "which jobs may deploy; a star stands for any text, but not for the repository, and `?` is not taken, as IAM reads it as any character",
            )
            .meta({ example: ["repo:orders/orders:environment:production"] }),
          known: z
            .boolean()
            .default(false)
            .describe("the account knows the issuer already, e.g. from another stack"),
        })
        .optional()
        .describe("jobs of a CI that deploy without a stored key"),
    })
    .refine((given) => given.identities.length > 0 || given.ci !== undefined, {
      error: "`identities` or `ci`, since somebody has to take the role",
    })
    .describe(
      "The role that runs `pulumi up`, allowed what this stack's parts need and nothing else; roles of the stack stand under a boundary that it cannot change. An administrator makes it, and updates the stack when it grows a part of another AWS service.",
    )
    .meta({
      example: { ci: { subjects: ["repo:orders/orders:environment:production"] } },
    });
