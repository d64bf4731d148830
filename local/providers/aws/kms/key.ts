// aws.kms.Key: a key with rotation, policy and a deletion window. External key stores are not supported.

import type { KMS } from "@aws-sdk/client-kms";
import { resourceHandler } from "../../handler.ts";
import { flag, number, policy, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional, type TagChanges, tagChanges, tagged, taggedOutputs, tagOutputs } from "../common.ts";
import type { AwsSession } from "../session.ts";

const DEFAULT_WINDOW_DAYS = 30;
const POLICY_NAME = "default";
const SPECS = [
  "SYMMETRIC_DEFAULT",
  "RSA_2048",
  "RSA_3072",
  "RSA_4096",
  "ECC_NIST_P256",
  "ECC_NIST_P384",
  "ECC_NIST_P521",
  "HMAC_256",
] as const;
const USAGES = ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC"] as const;

export const key = resourceHandler<AwsSession>()({
  inputs: {
    bypassPolicyLockoutSafetyCheck: flag({ default: false, kept: true }),
    customerMasterKeySpec: text({ default: "SYMMETRIC_DEFAULT", oneOf: SPECS, replace: true }),
    deletionWindowInDays: number({ kept: true, minimum: 7, maximum: 30 }),
    description: text({ computed: true }),
    enableKeyRotation: flag({ default: false }),
    isEnabled: flag({ default: true }),
    keyUsage: text({ default: "ENCRYPT_DECRYPT", oneOf: USAGES, replace: true }),
    multiRegion: flag({ computed: true, replace: true }),
    policy: policy({ computed: true }),
    rotationPeriodInDays: number({ computed: true, minimum: 90, maximum: 2560 }),
    ...regional,
    ...tagged,
  },
  outputs: { ...taggedOutputs, keyId: text() },
  stables: ["arn", "keyId"],

  validate({ enableKeyRotation, rotationPeriodInDays }) {
    if (rotationPeriodInDays === undefined || enableKeyRotation !== false) return [];
    return [{ property: "rotationPeriodInDays", reason: "rotationPeriodInDays needs enableKeyRotation" }];
  },

  async observe(id, _known, session) {
    const kms = await session.client("kms");
    const found = await unless(["NotFoundException"], kms.describeKey({ KeyId: id }));
    const meta = found?.KeyMetadata;
    if (!meta || meta.KeyState === "PendingDeletion") return undefined;
    const rotation = await rotationOf(kms, id);
    const { Policy } = await kms.getKeyPolicy({ KeyId: id, PolicyName: POLICY_NAME });
    const { Tags } = await kms.listResourceTags({ KeyId: id });
    return {
      arn: meta.Arn,
      keyId: meta.KeyId,
      customerMasterKeySpec: SPECS.find((spec) => spec === meta.KeySpec),
      description: meta.Description,
      isEnabled: meta.Enabled,
      keyUsage: USAGES.find((usage) => usage === meta.KeyUsage),
      multiRegion: meta.MultiRegion,
      policy: Policy,
      region: session.region,
      ...rotation,
      ...tagOutputs(Tags?.map(({ TagKey, TagValue }) => ({ Key: TagKey, Value: TagValue }))),
    };
  },

  async create(desired, session) {
    const kms = await session.client("kms");
    const { KeyMetadata } = await kms.createKey({
      BypassPolicyLockoutSafetyCheck: desired.bypassPolicyLockoutSafetyCheck,
      Description: desired.description,
      KeySpec: desired.customerMasterKeySpec,
      KeyUsage: desired.keyUsage,
      MultiRegion: desired.multiRegion,
      Policy: desired.policy,
      Tags: pairs(desired.tags),
    });
    return KeyMetadata?.KeyId ?? "";
  },

  async sync(id, desired, observed, session) {
    const kms = await session.client("kms");
    // A disabled key refuses the other changes, so it is enabled first and disabled last.
    if (desired.isEnabled && observed.isEnabled === false) await kms.enableKey({ KeyId: id });
    if (desired.description !== undefined && desired.description !== observed.description) {
      await kms.updateKeyDescription({ KeyId: id, Description: desired.description });
    }
    if (desired.policy !== undefined && desired.policy !== observed.policy) {
      await kms.putKeyPolicy({
        KeyId: id,
        PolicyName: POLICY_NAME,
        Policy: desired.policy,
        BypassPolicyLockoutSafetyCheck: desired.bypassPolicyLockoutSafetyCheck,
      });
    }
    if (desired.enableKeyRotation) {
      await kms.enableKeyRotation({ KeyId: id, RotationPeriodInDays: desired.rotationPeriodInDays });
    } else if (observed.enableKeyRotation) await kms.disableKeyRotation({ KeyId: id });
    await syncTags(kms, id, tagChanges(observed.tags, desired.tags));
    if (!desired.isEnabled && observed.isEnabled) await kms.disableKey({ KeyId: id });
  },

  async delete(id, known, session) {
    const kms = await session.client("kms");
    const PendingWindowInDays = known.deletionWindowInDays ?? DEFAULT_WINDOW_DAYS;
    // KMSInvalidStateException: its deletion is scheduled already.
    await unless(
      ["NotFoundException", "KMSInvalidStateException"],
      kms.scheduleKeyDeletion({ KeyId: id, PendingWindowInDays }),
    );
  },
});

/** Asymmetric and HMAC keys cannot be rotated and say so. */
async function rotationOf(kms: KMS, id: string) {
  const found = await unless(["UnsupportedOperationException"], kms.getKeyRotationStatus({ KeyId: id }));
  const enableKeyRotation = found?.KeyRotationEnabled ?? false;
  return {
    enableKeyRotation,
    rotationPeriodInDays: enableKeyRotation ? found?.RotationPeriodInDays : undefined,
  };
}

async function syncTags(kms: KMS, id: string, changes: TagChanges | undefined): Promise<void> {
  if (!changes) return;
  if (changes.remove.length > 0) await kms.untagResource({ KeyId: id, TagKeys: changes.remove });
  const Tags = changes.set.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value }));
  if (Tags.length > 0) await kms.tagResource({ KeyId: id, Tags });
}

function pairs(tags: Record<string, string> | undefined): { TagKey: string; TagValue: string }[] {
  return Object.entries(tags ?? {}).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
}
