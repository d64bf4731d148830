// Settings of the system as a whole and of the place where it lives.
import { z } from "zod";
import { fromFirst, halves } from "../../cidr.ts";
import { eachOnce, LOG_RETENTION_DAYS, whole } from "../kinds.ts";

/** `greenlight:system` */
export const system = () =>
  z
    .strictObject({
      name: z
        .string()
        .regex(/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/)
        .describe("starts every resource's name: lower case letters, digits and hyphens")
        .meta({ example: "orders" }),
      awsAccountId: z
        .string()
        .regex(/^\d{12}$/)
        .optional()
        .describe("the AWS account that may use the keys; needed as soon as anything is kept in AWS")
        .meta({ example: "123456789012" }),
      disposable: z
        .boolean()
        .default(false)
        .describe("`true` lets `pulumi destroy` delete data; for stacks that hold none worth keeping"),
    })
    .describe("The system and the account it runs in.")
    .meta({ example: { name: "orders", awsAccountId: "123456789012" } });

/** `greenlight:network` */
export const network = () =>
  z
    .strictObject({
      vpcId: z
        .string()
        .regex(/^vpc-[0-9a-f]+$/)
        .optional()
        .describe("an existing VPC; its private subnets follow in `subnetIds`")
        .meta({ example: "vpc-0a1b2c3d4e5f60718" }),
      subnetIds: z
        .array(z.string().regex(/^subnet-[0-9a-f]+$/))
        .min(2)
        .refine(eachOnce, { error: "each subnet once" })
        .optional()
        .describe("private subnets of that VPC in at least two Availability Zones"),
      clientCidrBlocks: z
        .array(
          z.cidrv4().superRefine((range, context) => {
            const wanted = fromFirst(range);
            if (range === wanted) return;
            context.addIssue({ code: "custom", message: `a range from its first address on, ${wanted}` });
          }),
        )
        .min(1)
        .optional()
        .describe("who may connect to the cache; without it the whole network's own range"),
      cidrBlock: z
        .cidrv4()
        .superRefine((cidrBlock, context) => {
          try {
            halves(cidrBlock);
          } catch (error) {
            context.addIssue({ code: "custom", message: error instanceof Error ? error.message : "a range" });
          }
        })
        .optional()
        .describe(
          "instead of `vpcId`: makes a private network of this range, with two subnets; in production it stays as it is from then on, since nothing can move to another network",
        )
        .meta({ example: "10.20.0.0/24" }),
      availabilityZones: z
        .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/))
        .length(2)
        .optional()
        .describe(
          "beside `cidrBlock`: where its subnets are; without it the region's zones a and b, which not every account has",
        )
        .meta({ example: ["us-west-1a", "us-west-1c"] }),
    })
    .refine((given) => (given.vpcId === undefined) !== (given.cidrBlock === undefined), {
      error: "either `vpcId` with `subnetIds` and `clientCidrBlocks`, or `cidrBlock`",
    })
    .refine((given) => eachOnce(given.availabilityZones ?? []), {
      error: "two different `availabilityZones`",
    })
    .refine((given) => given.vpcId === undefined || given.availabilityZones === undefined, {
      error: "`availabilityZones` beside `cidrBlock` alone, since subnets that exist are in theirs",
      path: ["availabilityZones"],
    })
    .refine((given) => given.vpcId !== undefined || given.subnetIds === undefined, {
      error: "`subnetIds` beside `vpcId` alone, since a network of `cidrBlock` makes its own",
      path: ["subnetIds"],
    })
    .refine(
      (given) =>
        given.vpcId === undefined || (given.subnetIds !== undefined && given.clientCidrBlocks !== undefined),
      { error: "`subnetIds` and `clientCidrBlocks` beside `vpcId`" },
    )
    .describe("The private network that the cache lives in.")
    .meta({
      example: {
        vpcId: "vpc-0a1b2c3d4e5f60718",
        subnetIds: ["subnet-0a1b2c3d4e5f60718", "subnet-18f6e5d4c3b2a1000"],
        clientCidrBlocks: ["10.0.0.0/16"],
      },
    });

/** `greenlight:logs` */
export const logs = () =>
  z
    .strictObject({
      groups: z
        .array(z.string().regex(/^[A-Za-z0-9_-]+$/))
        .min(1)
        .refine(eachOnce, { error: "each group once" })
        .default(["application"])
        .describe("one log group each, named `/SYSTEM/GROUP`"),
      retentionDays: z
        .literal(LOG_RETENTION_DAYS)
        .default(30)
        .describe("how long CloudWatch Logs keeps a line")
        .meta({ unit: "days" }),
      errorPattern: z
        .string()
        .min(1)
        .optional()
        .describe(
          "CloudWatch Logs' pattern of an error line; counts them as the metric of the alarm rule logErrors, instead of the agent",
        )
        .meta({ example: '"| ERROR |"' }),
      subscription: z
        .strictObject({
          destinationArn: z
            .string()
            .regex(/^arn:aws[a-z-]*:(kinesis|firehose|lambda|logs):/)
            .describe("a Kinesis or Firehose stream, a Lambda function, or a destination of another account"),
          roleArn: z
            .string()
            .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\//)
            .optional()
            .describe("lets CloudWatch Logs write to a stream"),
          filterPattern: z.string().default("").describe("which lines go; empty for all"),
        })
        .refine(
          ({ destinationArn, roleArn }) =>
            roleArn !== undefined || !/^arn:aws[a-z-]*:(kinesis|firehose):/.test(destinationArn),
          {
            error: "a role, since CloudWatch Logs writes to a Kinesis or Firehose stream with one only",
            path: ["roleArn"],
          },
        )
        .optional()
        .describe("an aggregator that every line is handed to")
        .meta({ example: { destinationArn: "arn:aws:logs:us-east-1:123456789012:destination:aggregator" } }),
      accessLogDays: whole(1, 3650, "days")
        .default(90)
        .describe("how long bucket and site access logs are kept"),
    })
    .describe("Log groups and access logs.")
    .meta({ example: { groups: ["application"], retentionDays: 30, accessLogDays: 90 } });
