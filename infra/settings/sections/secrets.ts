// Settings of the step that judges the application's secrets.
import { z } from "zod";
import { stepOptions, variableName, webAddress, whole } from "../kinds.ts";

/** `greenlight:secrets` */
export const secrets = () =>
  z
    .strictObject({
      variables: z
        .array(variableName())
        .min(1)
        .describe("variables of greenlight:application whose age is judged")
        .meta({ example: ["DATABASE_URL", "JWT_SECRET"] }),
      maximumAgeDays: whole(1, 3650, "days")
        .default(90)
        .describe("age at which a value must have been replaced"),
      retired: z
        .record(variableName(), z.array(z.string().regex(/^[0-9a-f]{64}$/)).min(1))
        .default({})
        .describe(
          "SHA-256 in hex of values that were in use before the vault, e.g. those of a template; none may be in use again",
        )
        .meta({
          example: { SMTP_PASSWORD: ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"] },
        }),
      token: z
        .strictObject({
          variable: variableName().describe("the variable with which the application signs tokens"),
          url: webAddress().describe("answers 2xx to who has a token and 401 to who has none"),
          algorithm: z.enum(["HS256", "HS384", "HS512"]).default("HS256").describe("how tokens are signed"),
          claims: z.record(z.string(), z.json()).default({}).describe("of somebody who may call the address"),
        })
        .optional()
        .describe("tries tokens signed with the key in use, and with the one before it"),
      ...stepOptions,
    })
    .superRefine(({ variables, retired }, context) => {
      for (const name of Object.keys(retired).filter((one) => !variables.includes(one)))
        context.addIssue({
          code: "custom",
          path: ["retired", name],
          message: `one of variables: ${variables.join(", ")}`,
        });
    })
    .describe("The proof that the application's secrets are young and that replaced ones no longer work.")
    .meta({
      example: {
        variables: ["DATABASE_URL", "JWT_SECRET"],
        maximumAgeDays: 90,
        token: { variable: "JWT_SECRET", url: "https://app.example.com/api/notifications" },
      },
    });
