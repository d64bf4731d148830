// The kinds of values that settings are made of. Each carries what it takes to document it: words, unit, example.
// `writeOnly` is JSON Schema's own word for a value that may be given but never shown.
import { scryptSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { percentDecoded } from "../../checks/percent-encoding.ts";

/** A secret text; becomes a Pulumi secret, so it is encrypted in state and masked in output. */
export const secret = (minimum = 1) =>
  z
    .string()
    .min(minimum)
    .meta({ writeOnly: true })
    .transform((value) => pulumi.secret(value));

/** A whole number with inclusive bounds; the unit stands in the documentation, the setting's name ends with it. */
export const whole = (minimum: number, maximum: number, unit: string) =>
  z.int().min(minimum).max(maximum).meta({ unit });

/** Retention periods that CloudWatch Logs knows, in days. */
export const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** A path; relative ones start at the project's folder. */
export const path = () => z.string().min(1).meta({ unit: "path" });

/** An http or https address. */
export const webAddress = () => z.url({ protocol: /^https?$/ });

/** A secret http or https address, with what tells it from others: a digest, slow on purpose, so that nobody finds it by trying. */
export const secretWebAddress = () =>
  webAddress()
    .meta({ writeOnly: true })
    .transform((text) => ({
      id: scryptSync(text, "webhook", 4).toString("hex"),
      url: pulumi.secret(text),
    }));

/** A secret address of Redis; one that cannot be read would be shown by the error that says so. */
export const secretCacheAddress = () =>
  z
    .string()
    .meta({ writeOnly: true })
    .transform((text, context) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (url?.hostname && /^rediss?:$/.test(url.protocol) && percentDecoded(url.password) !== undefined)
        return pulumi.secret(text);
      context.addIssue({
        code: "custom",
        message: "redis:// or rediss:// with a host, and with % in the password written %25",
      });
      return z.NEVER;
    });

const DOMAIN =
  /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,58}[a-z0-9])$/;

/** A host name, e.g. `app.example.com`; of another script as it is in the DNS, e.g. `xn--e1afmkfd.xn--p1ai`. */
export const domainName = () => z.string().regex(DOMAIN);

/** An http or https address that anybody can ask, by a host name and without a password. */
export const publicWebAddress = () =>
  webAddress().refine(
    (text) => {
      if (!URL.canParse(text)) return true; // told already
      const { hostname, username, password } = new URL(text);
      return DOMAIN.test(hostname) && username === "" && password === "";
    },
    {
      error:
        "an address by a host name such as app.example.com, without user and password, neither of which Route 53 can use otherwise",
    },
  );

/** The name of an environment variable of the application. */
export const variableName = () => z.string().regex(/^[A-Z][A-Z0-9_]*$/);

/** An unquoted PostgreSQL identifier. */
export const identifier = () => z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);

/** The name of an extension of PostgreSQL, e.g. `uuid-ossp`. */
export const extensionName = () => z.string().regex(/^[a-z_][a-z0-9_-]{0,62}$/);

/** Whether a list names everything once: two resources of one name are refused only when the program runs. */
export const eachOnce = (list: readonly unknown[]) => new Set(list).size === list.length;

/** A bucket name that is valid everywhere, without dots, which break TLS certificates. */
export const bucketName = () => z.string().regex(/^[a-z0-9]([a-z0-9-]{1,61}[a-z0-9])$/);

/** ARN of an IAM user or role. */
export const identity = () => z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:(user|role)\/[\w+=,.@/-]+$/);

/** A day, `YYYY-MM-DD`. */
export const day = () => z.iso.date();

/** The parts of a PostgreSQL address; the password alone is secret. */
export interface DatabaseAddress {
  host: string;
  port: number;
  username: string;
  password: pulumi.Output<string>;
  database: string;
  sslMode: "require" | "verify-ca" | "verify-full";
}

/** Of libpq's own, those that say whom to trust or who one is: what is not taken over must not seem to count. */
const NOT_TAKEN = ["sslrootcert", "sslcert", "sslkey"];

const SSL_MODES = ["require", "verify-ca", "verify-full"] as const;

/** A PostgreSQL address with user and password whose `sslmode` demands TLS. */
export const databaseAddress = () =>
  z
    .string()
    .meta({ writeOnly: true })
    .transform((text, context): DatabaseAddress => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      const sslMode = SSL_MODES.find((mode) => mode === url?.searchParams.get("sslmode"));
      const username = percentDecoded(url?.username ?? "");
      const password = percentDecoded(url?.password ?? "");
      const database = percentDecoded(url?.pathname.slice(1) ?? "");
      if (NOT_TAKEN.some((parameter) => url?.searchParams.has(parameter))) {
        context.addIssue({
          code: "custom",
          message: `an address without ${NOT_TAKEN.join(", ")}: the server's CA is a setting of its own, \`certificateFile\`, and a password logs in`,
        });
        return z.NEVER;
      }
      if (
        url &&
        /^postgres(ql)?:$/.test(url.protocol) &&
        url.hostname &&
        username &&
        password &&
        database !== undefined &&
        sslMode
      )
        return {
          host: url.hostname,
          port: Number(url.port || 5432),
          username,
          password: pulumi.secret(password),
          database: database || "postgres",
          sslMode,
        };
      context.addIssue({
        code: "custom",
        message:
          "postgresql://USER:PASSWORD@HOST[:PORT]/DATABASE?sslmode=require (or verify-ca, verify-full: the connection must use TLS), with % in user, password and database written %25",
      });
      return z.NEVER;
    });

/** A failing observation that a named person accepts until a day. */
const waiver = () =>
  z
    .strictObject({
      observation: z.string().min(1).describe("the observation's id, as the step reports it"),
      person: z.string().min(1).describe("who accepts it"),
      reason: z.string().min(1).describe("why it is acceptable"),
      expires: day().describe("first day on which the waiver no longer counts"),
    })
    .describe("an accepted failure");

/** What every step understands beside its own settings. */
export const stepOptions = {
  deadlineSeconds: whole(1, 86_400, "seconds")
    .optional()
    .describe("how long the step may take; without it the step's own deadline holds"),
  enforcement: z
    .enum(["mandatory", "advisory"])
    .optional()
    .describe("`advisory` records a failure and goes on; without it a failure stops the deployment"),
  waivers: z.array(waiver()).optional().describe("failures that a named person accepts until a day"),
};
