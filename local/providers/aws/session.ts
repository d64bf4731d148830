// Connections to the AWS emulator of this machine: one client a service, made when first used.
// An endpoint that is not on loopback is refused before any call; none at all, when a call is about to be made.

import type { ACM } from "@aws-sdk/client-acm";
import type { CloudFront } from "@aws-sdk/client-cloudfront";
import type { CloudWatch } from "@aws-sdk/client-cloudwatch";
import type { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import type { EC2 } from "@aws-sdk/client-ec2";
import type { ElastiCache } from "@aws-sdk/client-elasticache";
import type { IAM } from "@aws-sdk/client-iam";
import type { KMS } from "@aws-sdk/client-kms";
import type { Route53 } from "@aws-sdk/client-route-53";
import type { S3 } from "@aws-sdk/client-s3";
import type { SecretsManager } from "@aws-sdk/client-secrets-manager";
import type { SNS } from "@aws-sdk/client-sns";
import type { SQS } from "@aws-sdk/client-sqs";
import type { STS } from "@aws-sdk/client-sts";
import type { WAFV2 } from "@aws-sdk/client-wafv2";
import { isLoopback, OUTSIDE } from "../loopback.ts";

interface Clients {
  acm: ACM;
  cloudfront: CloudFront;
  cloudwatch: CloudWatch;
  ec2: EC2;
  elasticache: ElastiCache;
  iam: IAM;
  kms: KMS;
  logs: CloudWatchLogs;
  route53: Route53;
  s3: S3;
  secretsManager: SecretsManager;
  sns: SNS;
  sqs: SQS;
  sts: STS;
  wafv2: WAFV2;
}

interface Connection {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  maxAttempts: number;
}

/** Loading an SDK client takes tens of milliseconds, which a run without changes should not pay. */
const load: { [S in keyof Clients]: (connection: Connection) => Promise<Clients[S]> } = {
  acm: async (c) => new (await import("@aws-sdk/client-acm")).ACM(c),
  cloudfront: async (c) => new (await import("@aws-sdk/client-cloudfront")).CloudFront(c),
  cloudwatch: async (c) => new (await import("@aws-sdk/client-cloudwatch")).CloudWatch(c),
  ec2: async (c) => new (await import("@aws-sdk/client-ec2")).EC2(c),
  elasticache: async (c) => new (await import("@aws-sdk/client-elasticache")).ElastiCache(c),
  iam: async (c) => new (await import("@aws-sdk/client-iam")).IAM(c),
  kms: async (c) => new (await import("@aws-sdk/client-kms")).KMS(c),
  logs: async (c) => new (await import("@aws-sdk/client-cloudwatch-logs")).CloudWatchLogs(c),
  route53: async (c) => new (await import("@aws-sdk/client-route-53")).Route53(c),
  s3: async (c) => new (await import("@aws-sdk/client-s3")).S3({ ...c, forcePathStyle: true }),
  secretsManager: async (c) => new (await import("@aws-sdk/client-secrets-manager")).SecretsManager(c),
  sns: async (c) => new (await import("@aws-sdk/client-sns")).SNS(c),
  sqs: async (c) => new (await import("@aws-sdk/client-sqs")).SQS(c),
  sts: async (c) => new (await import("@aws-sdk/client-sts")).STS(c),
  wafv2: async (c) => new (await import("@aws-sdk/client-wafv2")).WAFV2(c),
};

export interface AwsSettings {
  /** Absent: a call fails, but check and diff work. */
  endpoint?: string;
  region?: string;
  accessKeyId?: string;
  secretAccessKey?: string;
  sessionToken?: string;
  /** Refused accounts are any but these, when given. */
  allowedAccountIds?: string[];
  defaultTags: Record<string, string>;
}

/** What handlers see of AWS: the clients of one region and who one is. */
export class AwsSession {
  readonly settings: AwsSettings;
  #clients = new Map<keyof Clients, Promise<{ destroy(): void }>>();
  #regions = new Map<string, AwsSession>();
  #account: Promise<string> | undefined;

  /** @throws when the endpoint is not on this machine */
  constructor(settings: AwsSettings) {
    if (settings.endpoint !== undefined && !isLoopback(hostOf(settings.endpoint))) {
      throw new Error(`provider "aws": endpoint is ${hostOf(settings.endpoint)}, want loopback; ${OUTSIDE}`);
    }
    this.settings = settings;
  }

  /** @throws when no region is configured */
  get region(): string {
    const { region } = this.settings;
    if (region === undefined) throw new Error('provider "aws": no region; set aws:region or AWS_REGION');
    return region;
  }

  /** The same account seen from another region. */
  in(region: string): AwsSession {
    if (region === this.settings.region) return this;
    const session = this.#regions.get(region) ?? new AwsSession({ ...this.settings, region });
    this.#regions.set(region, session);
    return session;
  }

  /** Twelve digits. */
  accountId(): Promise<string> {
    this.#account ??= this.#identify();
    return this.#account;
  }

  async #identify(): Promise<string> {
    const { Account = "" } = await (await this.client("sts")).getCallerIdentity({});
    const { allowedAccountIds } = this.settings;
    if (allowedAccountIds && !allowedAccountIds.includes(Account)) {
      throw new Error(
        `provider "aws": account is ${Account}, want one of ${allowedAccountIds.join(", ")} (aws:allowedAccountIds)`,
      );
    }
    return Account;
  }

  /** @throws when endpoint, region or credentials are missing */
  async client<S extends keyof Clients>(service: S): Promise<Clients[S]> {
    const made = this.#clients.get(service);
    const client = (made as Promise<Clients[S]> | undefined) ?? load[service](this.#connection());
    this.#clients.set(service, client);
    if (service !== "sts" && this.settings.allowedAccountIds) await this.accountId();
    return client;
  }

  #connection(): Connection {
    const { endpoint, accessKeyId, secretAccessKey, sessionToken } = this.settings;
    if (endpoint === undefined) {
      throw new Error(
        `provider "aws": AWS_ENDPOINT_URL is not set, want this machine's AWS emulator; ${OUTSIDE}`,
      );
    }
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      throw new Error(
        'provider "aws": no credentials for the emulator; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      );
    }
    return {
      endpoint,
      region: this.region,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
      maxAttempts: 3,
    };
  }

  async close(): Promise<void> {
    for (const session of this.#regions.values()) await session.close();
    for (const client of this.#clients.values()) (await client).destroy();
    this.#clients.clear();
  }
}

function hostOf(endpoint: string): string {
  if (!URL.canParse(endpoint))
    throw new Error('provider "aws": AWS_ENDPOINT_URL is not a URL, want http://127.0.0.1:PORT');
  return new URL(endpoint).hostname;
}

/** Every partition-dependent name of ours is in the standard one. */
export const PARTITION = "aws";
export const DNS_SUFFIX = "amazonaws.com";
