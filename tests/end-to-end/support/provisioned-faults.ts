// Faults of what the stack provisioned in AWS, made and undone through its own APIs.
import {
  AuthorizeSecurityGroupIngressCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { ElastiCacheClient, ModifyReplicationGroupCommand } from "@aws-sdk/client-elasticache";
import {
  DeleteBucketEncryptionCommand,
  GetBucketEncryptionCommand,
  PutBucketEncryptionCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import type { Fault } from "./fault.ts";

type Apply = Fault["apply"];

/** A bucket encrypts nothing by itself. */
export const bucketUnencrypted =
  (Bucket: string): Apply =>
  async () => {
    const client = new S3Client({});
    const { ServerSideEncryptionConfiguration } = await client.send(
      new GetBucketEncryptionCommand({ Bucket }),
    );
    await client.send(new DeleteBucketEncryptionCommand({ Bucket }));
    return () => client.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
  };

const cache = z.object({ cache: z.object({ groupId: z.string(), securityGroupId: z.string() }) });

/** Redis can be reached from everywhere. */
export const cacheOpen: Apply = async (system) => {
  const { securityGroupId: GroupId } = cache.parse(system.inputsOf("provisioned")).cache;
  const client = new EC2Client({});
  const IpPermissions = [
    { IpProtocol: "tcp", FromPort: 6379, ToPort: 6379, IpRanges: [{ CidrIp: "0.0.0.0/0" }] },
  ];
  await client.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  return () => client.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
};

/** No snapshot of Redis is made. */
export const cacheUnsaved: Apply = async (system) => {
  const { groupId: ReplicationGroupId } = cache.parse(system.inputsOf("provisioned")).cache;
  const client = new ElastiCacheClient({});
  const keep = (SnapshotRetentionLimit: number) =>
    client.send(
      new ModifyReplicationGroupCommand({
        ReplicationGroupId,
        SnapshotRetentionLimit,
        ApplyImmediately: true,
      }),
    );
  await keep(0);
  return () => keep(7);
};
