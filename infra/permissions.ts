// What the identity that runs `pulumi up` must be allowed to do, service by service, for the parts that a stack has: making
// them, reading them back, and what the steps do with them. Names of the stack begin with its name, and so do the ARNs there.
import { ec2, iam } from "./permissions/account.ts";
import { elasticache, kms, rds, s3, secretsmanager } from "./permissions/data.ts";
import { acm, cloudfront, route53, wafv2 } from "./permissions/edge.ts";
import type { Permissions } from "./permissions/statement.ts";
import { chatbot, cloudwatch, logs, sns, sqs } from "./permissions/watching.ts";

/** By the service in a resource's type, e.g. `s3` of `aws:s3/bucket:Bucket`. */
export const permissions = {
  acm,
  chatbot,
  cloudfront,
  cloudwatch,
  ec2,
  elasticache,
  iam,
  kms,
  logs,
  rds,
  route53,
  s3,
  secretsmanager,
  sns,
  sqs,
  wafv2,
} satisfies { [service: string]: Permissions };

export type Service = keyof typeof permissions;
