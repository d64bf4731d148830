// Settings of the application: its environment, its release, its site.
import { z } from "zod";
// The format of budgets belongs to the check.
import { siteBudget } from "../../../checks/site/budget.ts";
import { namedList } from "../../../checks/step/named-list.ts";
import {
  domainName,
  eachOnce,
  LOG_RETENTION_DAYS,
  path,
  secret,
  stepOptions,
  variableName,
  webAddress,
  whole,
} from "../kinds.ts";

/** What the stack can hand to the application, by the name used in settings. */
export const PROVIDED = [
  "databaseUrl",
  "readonlyDatabaseUrl",
  "cacheUrl",
  "cacheHost",
  "cachePort",
  "cachePassword",
  "backupBucket",
  "backupKeyArn",
  "siteUrl",
  "logGroup",
] as const;
export type Provided = (typeof PROVIDED)[number];

/** `greenlight:application` */
export const application = () =>
  z
    .strictObject({
      environment: z
        .record(variableName(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
        .default({})
        .describe("plain variables")
        .meta({ example: { NODE_ENV: "production" } }),
      secrets: z
        .record(variableName(), secret())
        .default({})
        .describe("secret variables; set them with `pulumi config set --path --secret`"),
      generated: z
        .record(
          variableName(),
          z.strictObject({
            length: whole(16, 256, "characters").default(48).describe("letters and digits"),
            generation: whole(1, 1_000_000, "rotations")
              .default(1)
              .describe("raised by one, it makes a new value"),
          }),
        )
        .default({})
        .describe("secret variables that the stack makes up once and keeps"),
      provided: z
        .record(variableName(), z.enum(PROVIDED))
        .default({})
        .describe("variables whose value is an address or a name that the stack makes")
        .meta({ example: { DATABASE_URL: "databaseUrl" } }),
      rulesFile: path()
        .optional()
        .describe("what each variable must look like (YAML); preflight judges the environment by it")
        .meta({ example: "environment.yaml" }),
    })
    .superRefine((given, context) => {
      const groups = [given.environment, given.secrets, given.generated, given.provided].map(Object.keys);
      const names = groups.flat();
      for (const name of new Set(names.filter((item, index) => names.indexOf(item) !== index)))
        context.addIssue({
          code: "custom",
          message: `each variable in one group only, but ${name} stands in several`,
        });
    })
    .describe("The application's environment, kept as one secret in Secrets Manager.")
    .meta({
      example: {
        environment: { NODE_ENV: "production" },
        secrets: { SMTP_PASSWORD: "PASSWORD" },
        generated: { JWT_SECRET: { length: 48 } },
        provided: { DATABASE_URL: "databaseUrl" },
        rulesFile: "environment.yaml",
      },
    });

/** `greenlight:release` */
export const release = () =>
  z
    .strictObject({
      version: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/)
        .describe("what the application must answer once it is released, e.g. a tag or a commit")
        .meta({ example: "1.4.0" }),
      command: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe("starts or replaces the application; program and arguments, no shell")
        .meta({ example: ["npm", "run", "release"] }),
      directory: path().default(".").describe("where the command runs"),
      environment: z
        .record(variableName(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
        .default({})
        .describe("what the command itself needs; the application's own variables are in Secrets Manager"),
      versionUrl: webAddress()
        .optional()
        .describe("answers the running version")
        .meta({ example: "https://app.example.com/api/version" }),
      versionPath: z
        .string()
        .startsWith("$")
        .default("$.version")
        .describe("where the answer holds the version, as JSON path"),
      instancePath: z
        .string()
        .startsWith("$")
        .default("$.instance")
        .describe("where the answer tells instances apart, as JSON path"),
      instances: whole(1, 100, "instances").default(1).describe("how many instances must answer the version"),
      zeroDowntime: z.boolean().default(false).describe("fails the step when one request is lost on the way"),
      withinSeconds: whole(1, 3600, "seconds").default(120).describe("time until every instance answers"),
      maximumDowntimeSeconds: whole(0, 86_400, "seconds")
        .optional()
        .describe("fails the step when users had no answer for longer"),
      probeUrl: webAddress()
        .optional()
        .describe("asked ten times a second while the release goes on; without it the version's address"),
      settleSeconds: whole(0, 600, "seconds")
        .default(1)
        .describe("how long it is asked after the last instance"),
      contents: z
        .array(path())
        .default([])
        .describe("files and folders of the release: a change of them releases again under the same version"),
      stopCommand: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe("stops the application when the stack is destroyed"),
      ...stepOptions,
    })
    .refine((given) => (given.command === undefined) === (given.versionUrl === undefined), {
      error: "`command` and `versionUrl` together, or neither",
    })
    .describe("What is released and how.")
    .meta({
      example: {
        version: "1.4.0",
        command: ["npm", "run", "release"],
        versionUrl: "https://app.example.com/api/version",
        instances: 2,
      },
    });

/** `greenlight:site` */
export const site = () =>
  z
    .strictObject({
      directory: path().describe("the built files").meta({ example: "dist" }),
      domains: z
        .array(domainName())
        .refine(eachOnce, { error: "each name once" })
        .default([])
        .describe("names of the site beside CloudFront's own"),
      certificateArn: z
        .string()
        .regex(/^arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate\/[0-9a-f-]+$/)
        .optional()
        .describe(
          "the certificate for those names, in us-east-1; without it one is made and validated in the zone",
        ),
      zoneId: z
        .string()
        .regex(/^Z[A-Z0-9]{1,31}$/)
        .optional()
        .describe("the public hosted zone of Route 53 that gets the records of those names")
        .meta({ example: "Z0123456789ABCDEFGHIJ" }),
      firewall: z
        .strictObject({
          requestsPerMinute: whole(10, 2_000_000_000, "requests")
            .default(600)
            .describe("how many requests one address may send in a minute"),
          logDays: z
            .literal(LOG_RETENTION_DAYS)
            .optional()
            .describe("how long the log of requests is kept; without it there is none")
            .meta({ unit: "days" }),
        })
        .prefault({})
        .describe("AWS WAF before the site: AWS's managed rules and a limit of requests"),
      contentSecurityPolicy: z
        .string()
        .min(1)
        .refine((policy) => /^[!-~]([ -~]*[!-~])?$/.test(policy), {
          error: "one line of ASCII without spaces around it, as a header has (in YAML: >- and not | or >)",
        })
        .default("default-src 'self'; frame-ancestors 'none'; base-uri 'self'; object-src 'none'")
        .describe("sent with every file"),
      singlePage: z
        .boolean()
        .default(false)
        .describe("answers index.html for paths that are no file, for a site that routes in the browser"),
      maximumBytes: whole(1, 10_000_000_000, "bytes")
        .optional()
        .describe("largest size of all files together; without it there is no limit"),
      budgets: namedList(siteBudget()).default([]).describe("limits for some of the files"),
      keepAssetDays: whole(0, 3650, "days")
        .default(30)
        .describe("how long assets that the build no longer has stay, for visitors with an older page"),
      edgeUrl: webAddress()
        .optional()
        .describe(
          "where the edge is reached instead of by its own name, which is then sent as Host: an emulator, a network with its own proxy",
        ),
      priceClass: z
        .enum(["PriceClass_100", "PriceClass_200", "PriceClass_All"])
        .default("PriceClass_All")
        .describe("which of CloudFront's locations serve"),
      ...stepOptions,
    })
    .refine((given) => given.domains.length === 0 || (given.certificateArn ?? given.zoneId) !== undefined, {
      error: "a certificate for `domains`, or `zoneId`, in which one can be made",
      path: ["certificateArn"],
    })
    .describe("A static site in a private bucket behind CloudFront.")
    .meta({
      example: {
        directory: "dist",
        domains: ["www.example.com"],
        certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000",
      },
    });
