// aws.secretsmanager.Secret: the secret without its value. Replicas are not supported.

import { resourceHandler } from "../../handler.ts";
import { flag, number, policy, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional, tagChanges, tagged, taggedOutputs, tagList, tagOutputs } from "../common.ts";
import type { AwsSession } from "../session.ts";

const ABSENT = ["ResourceNotFoundException"];

export const secret = resourceHandler<AwsSession>()({
  inputs: {
    description: text(),
    forceOverwriteReplicaSecret: flag({ default: false, kept: true }),
    kmsKeyId: text(),
    name: text({ replace: true, name: { maxLength: 512 } }),
    policy: policy({ computed: true }),
    /** 0 deletes at once; otherwise 7 to 30 days. */
    recoveryWindowInDays: number({ default: 30, kept: true, minimum: 0, maximum: 30 }),
    ...regional,
    ...tagged,
  },
  outputs: taggedOutputs,
  stables: ["arn"],

  validate({ recoveryWindowInDays: days }) {
    if (typeof days !== "number" || days === 0 || days >= 7) return [];
    const reason = `recoveryWindowInDays must be 0 or from 7 to 30, got ${days}`;
    return [{ property: "recoveryWindowInDays", reason }];
  },

  async identify(desired, session) {
    const manager = await session.client("secretsManager");
    const found = await unless(ABSENT, manager.describeSecret({ SecretId: desired.name }));
    return found?.ARN ?? desired.name;
  },

  async observe(id, _known, session) {
    const manager = await session.client("secretsManager");
    const found = await unless(ABSENT, manager.describeSecret({ SecretId: id }));
    if (!found || found.DeletedDate) return undefined;
    const own = await unless(ABSENT, manager.getResourcePolicy({ SecretId: id }));
    return {
      arn: found.ARN,
      name: found.Name,
      description: found.Description,
      kmsKeyId: found.KmsKeyId,
      policy: own?.ResourcePolicy,
      region: session.region,
      ...tagOutputs(found.Tags),
    };
  },

  async create(desired, session) {
    const manager = await session.client("secretsManager");
    const { ARN = "" } = await manager.createSecret({
      Name: desired.name,
      Description: desired.description,
      KmsKeyId: desired.kmsKeyId,
      Tags: tagList(desired.tags),
      ForceOverwriteReplicaSecret: desired.forceOverwriteReplicaSecret,
    });
    return ARN;
  },

  async sync(id, desired, observed, session) {
    const manager = await session.client("secretsManager");
    if (desired.description !== observed.description || desired.kmsKeyId !== observed.kmsKeyId) {
      await manager.updateSecret({
        SecretId: id,
        Description: desired.description ?? "",
        KmsKeyId: desired.kmsKeyId,
      });
    }
    if (desired.policy !== undefined) {
      await manager.putResourcePolicy({ SecretId: id, ResourcePolicy: desired.policy });
    }
    const changes = tagChanges(observed.tags, desired.tags);
    if (!changes) return;
    if (changes.remove.length > 0) await manager.untagResource({ SecretId: id, TagKeys: changes.remove });
    if (changes.set.length > 0) await manager.tagResource({ SecretId: id, Tags: changes.set });
  },

  async delete(id, known, session) {
    const manager = await session.client("secretsManager");
    const days = known.recoveryWindowInDays ?? 30;
    const how = days === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: days };
    // InvalidRequestException: its deletion is scheduled already.
    await unless([...ABSENT, "InvalidRequestException"], manager.deleteSecret({ SecretId: id, ...how }));
  },
});
