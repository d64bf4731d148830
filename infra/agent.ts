// What the agent beside the application is told and allowed: its plan as a secret, and the policy for the identity it runs
// under. The process itself (`greenlight agent`) is started by whatever starts the application.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Metric, WrittenPlan } from "../agent/plan.ts";
import { StoredSecret } from "./stored-secret.ts";

export interface AgentArgs {
  accountId: string;
  region: string;
  /** KMS key of the plan's secret. */
  keyArn: pulumi.Input<string>;
  /** CloudWatch namespace, the only one that the agent may write to. */
  namespace: string;
  /** Seconds between two looks, 1 to 300. @default 60 */
  intervalSeconds?: number;
  /** Said where an alarm's period is shorter than a minute. @default CloudWatch keeps minutes */
  highResolution?: true | undefined;
  metrics: Metric[];
  /** Prometheus endpoints of the application. @default none */
  metricsUrls?: string[];
  databaseUrl?: pulumi.Input<string>;
  cacheUrl?: pulumi.Input<string>;
  backupBucket?: pulumi.Input<string>;
  log?: { file: string; group: pulumi.Input<string>; errorPattern: string };
  /** @default false */
  disposable?: boolean;
}

/** The plan, `NAME/agent`, and the policy `NAME-agent`. */
export class Agent extends pulumi.ComponentResource {
  /** What `greenlight agent --secret` is given. */
  readonly secretName: pulumi.Output<string>;
  /** Changes with the plan. */
  readonly versionId: pulumi.Output<string>;
  /** For the role of the machine or container that the agent runs in. */
  readonly policyArn: pulumi.Output<string>;

  constructor(name: string, args: AgentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Agent", name, {}, opts);
    const { accountId, region, keyArn, disposable, ...told } = args;
    const { databaseUrl, cacheUrl, backupBucket, log, ...plain } = told;
    const plan: pulumi.Output<WrittenPlan> = pulumi
      .all({ databaseUrl, cacheUrl, backupBucket, log })
      .apply((known) => ({ intervalSeconds: 60, metricsUrls: [], ...plain, ...known }));
    const stored = new StoredSecret(
      `${name}-agent`,
      {
        secretName: `${name}/agent`,
        description: `What the agent of ${name} reads and where it writes`,
        keyArn,
        value: plan.apply((given) => JSON.stringify(given)),
        disposable,
      },
      { parent: this },
    );
    const policy = new aws.iam.Policy(
      `${name}-agent`,
      {
        description: `What the agent of ${name} may do`,
        policy: pulumi
          .all([stored.secretArn, keyArn, args.backupBucket, args.log?.group])
          .apply(([secretArn, key, bucket, logGroup]) =>
            agentPolicy({ accountId, region, namespace: args.namespace, secretArn, key, bucket, logGroup }),
          ),
      },
      { parent: this },
    );
    this.secretName = stored.secretName;
    this.versionId = stored.versionId;
    this.policyArn = policy.arn;
    this.registerOutputs({ secretName: this.secretName, policyArn: this.policyArn });
  }
}

interface Allowed {
  accountId: string;
  region: string;
  namespace: string;
  secretArn: string;
  key: string;
  bucket: string | undefined;
  logGroup: string | undefined;
}

function agentPolicy(allowed: Allowed): string {
  const { accountId, region, namespace, secretArn, key, bucket, logGroup } = allowed;
  const statements: aws.iam.PolicyStatement[] = [
    {
      Sid: "WritesItsMetrics",
      Effect: "Allow",
      Action: "cloudwatch:PutMetricData",
      // The action knows no resources; the namespace is what narrows it.
      Resource: "*",
      Condition: { StringEquals: { "cloudwatch:namespace": namespace } },
    },
    { Sid: "ReadsItsPlan", Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: secretArn },
    {
      Sid: "DecryptsItsPlan",
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: key,
      Condition: { StringEquals: { "kms:ViaService": `secretsmanager.${region}.amazonaws.com` } },
    },
  ];
  if (bucket !== undefined)
    statements.push({
      Sid: "SeesTheAgeOfBackups",
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: `arn:aws:s3:::${bucket}`,
    });
  if (logGroup !== undefined)
    statements.push({
      Sid: "WritesItsLog",
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: `arn:aws:logs:${region}:${accountId}:log-group:${logGroup}:*`,
    });
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
