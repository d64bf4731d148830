// aws.s3.BucketReplicationConfig: what S3 copies into another bucket. Rules in the current form, with a filter by prefix.
// The emulator really copies, also within one region.

import type { ReplicationRule } from "@aws-sdk/client-s3";
import { list, number, object, text, type ValueOf } from "../../schema.ts";
import { bucketSetting } from "./bucket-setting.ts";

const SWITCH = ["Enabled", "Disabled"] as const;
const status = text({ required: true, oneOf: SWITCH });

const rule = object({
  id: text({ required: true }),
  priority: number(),
  status,
  filter: object({ prefix: text() }, { required: true }),
  deleteMarkerReplication: object({ status }, { required: true }),
  sourceSelectionCriteria: object({ sseKmsEncryptedObjects: object({ status }, { required: true }) }),
  destination: object(
    {
      bucket: text({ required: true }),
      encryptionConfiguration: object({ replicaKmsKeyId: text({ required: true }) }),
    },
    { required: true },
  ),
});

export const bucketReplication = bucketSetting({
  inputs: { role: text({ required: true }), rules: list(rule, { required: true }) },
  absent: ["ReplicationConfigurationNotFoundError"],

  async get(s3, Bucket) {
    const { ReplicationConfiguration: found } = await s3.getBucketReplication({ Bucket });
    return found && { role: found.Role, rules: (found.Rules ?? []).map(fromRule) };
  },

  put: (s3, Bucket, { role, rules }) =>
    s3.putBucketReplication({ Bucket, ReplicationConfiguration: { Role: role, Rules: rules.map(toRule) } }),

  remove: (s3, Bucket) => s3.deleteBucketReplication({ Bucket }),
});

function toRule(wanted: ValueOf<typeof rule>): ReplicationRule {
  const { destination, sourceSelectionCriteria: criteria } = wanted;
  const { encryptionConfiguration: encryption } = destination;
  return {
    ID: wanted.id,
    Priority: wanted.priority ?? 0,
    Status: wanted.status,
    Filter: { Prefix: wanted.filter.prefix ?? "" },
    DeleteMarkerReplication: { Status: wanted.deleteMarkerReplication.status },
    SourceSelectionCriteria: criteria && {
      SseKmsEncryptedObjects: { Status: criteria.sseKmsEncryptedObjects.status },
    },
    Destination: {
      Bucket: destination.bucket,
      EncryptionConfiguration: encryption && { ReplicaKmsKeyID: encryption.replicaKmsKeyId },
    },
  };
}

function fromRule(found: ReplicationRule): ValueOf<typeof rule> {
  const criteria = found.SourceSelectionCriteria?.SseKmsEncryptedObjects?.Status;
  const key = found.Destination?.EncryptionConfiguration?.ReplicaKmsKeyID;
  return {
    id: found.ID ?? "",
    priority: found.Priority || undefined,
    status: found.Status ?? "Disabled",
    filter: { prefix: found.Filter?.Prefix ?? "" },
    deleteMarkerReplication: { status: found.DeleteMarkerReplication?.Status ?? "Disabled" },
    sourceSelectionCriteria: criteria && { sseKmsEncryptedObjects: { status: criteria } },
    destination: {
      bucket: found.Destination?.Bucket ?? "",
      encryptionConfiguration: key ? { replicaKmsKeyId: key } : undefined,
    },
  };
}
