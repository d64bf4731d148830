// What is encrypted at rest, with which key, and in which region it is.
import { type Observation, observe } from "../step/definition.ts";

/** Something of the stack as an API tells it. */
export interface Seen {
  name: string;
  /** The key that encrypts it, as ARN or id; undefined for none or AWS's own. */
  key: string | undefined;
  region: string;
}

interface Wanted {
  name: string;
  keyArn: string;
}

/** Whether a key, told as ARN or id, is the one with this ARN. */
export function isKey(told: string | undefined, keyArn: string): boolean {
  return told !== undefined && told !== "" && (told === keyArn || keyArn.endsWith(`/${told}`));
}

/** Region of an ARN. */
export function regionOf(arn: string): string {
  return arn.split(":")[3] ?? "";
}

/** Observation `<what>-at-rest`. @param what e.g. `buckets` */
export function judgeEncryption(what: string, wanted: readonly Wanted[], seen: readonly Seen[]): Observation {
  const open = wanted.flatMap(({ name, keyArn }) => {
    const found = seen.find((one) => one.name === name);
    if (found === undefined) return [`${name}: not there`];
    return isKey(found.key, keyArn) ? [] : [`${name}: ${found.key ? "another key" : "no key of the stack"}`];
  });
  const names = wanted.map(({ name }) => name).join(", ");
  return observe(
    `${what}-at-rest`,
    open.length === 0 && wanted.length > 0,
    `${what} encrypted at rest with the stack's keys: ${names}`,
    open.length === 0 ? `all ${wanted.length}` : open.join("; "),
  );
}

export async function lookAtBuckets(names: string[], abortSignal: AbortSignal): Promise<Seen[]> {
  const { S3Client, GetBucketEncryptionCommand, GetBucketLocationCommand } = await import(
    "@aws-sdk/client-s3"
  );
  const s3 = new S3Client({});
  try {
    return await Promise.all(
      names.map(async (name) => {
        const asked = { Bucket: name };
        const { ServerSideEncryptionConfiguration } = await s3
          .send(new GetBucketEncryptionCommand(asked), { abortSignal })
          .catch(absent("ServerSideEncryptionConfigurationNotFoundError"));
        const { LocationConstraint } = await s3.send(new GetBucketLocationCommand(asked), { abortSignal });
        const byDefault = ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
        // S3 names its oldest region by nothing.
        return { name, key: byDefault?.KMSMasterKeyID, region: LocationConstraint || "us-east-1" };
      }),
    );
  } finally {
    s3.destroy();
  }
}

export async function lookAtLogGroups(names: string[], abortSignal: AbortSignal): Promise<Seen[]> {
  const { CloudWatchLogsClient, DescribeLogGroupsCommand } = await import("@aws-sdk/client-cloudwatch-logs");
  const client = new CloudWatchLogsClient({});
  try {
    const found = await Promise.all(
      names.map(async (name) => {
        const asked = new DescribeLogGroupsCommand({ logGroupNamePrefix: name });
        const { logGroups = [] } = await client.send(asked, { abortSignal });
        const group = logGroups.find(({ logGroupName }) => logGroupName === name);
        return group ? [{ name, key: group.kmsKeyId, region: regionOf(group.arn ?? "") }] : [];
      }),
    );
    return found.flat();
  } finally {
    client.destroy();
  }
}

export async function lookAtSecrets(names: string[], abortSignal: AbortSignal): Promise<Seen[]> {
  const { SecretsManagerClient, DescribeSecretCommand } = await import("@aws-sdk/client-secrets-manager");
  const client = new SecretsManagerClient({});
  try {
    const found = await Promise.all(
      names.map(async (name) => {
        const secret = await client
          .send(new DescribeSecretCommand({ SecretId: name }), { abortSignal })
          .catch(absent("ResourceNotFoundException"));
        return "ARN" in secret ? [{ name, key: secret.KmsKeyId, region: regionOf(secret.ARN ?? "") }] : [];
      }),
    );
    return found.flat();
  } finally {
    client.destroy();
  }
}

/** Takes an answer that says "there is none" as none. */
function absent(name: string) {
  return (error: unknown): Record<string, never> => {
    if (error instanceof Error && error.name === name) return {};
    throw error;
  };
}
