// aws.secretsmanager.SecretVersion: one value of a secret. A changed value is a new version, so it replaces.

import { resourceHandler } from "../../handler.ts";
import { set, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional } from "../common.ts";
import type { AwsSession } from "../session.ts";

const ABSENT = ["ResourceNotFoundException"];
const CURRENT = "AWSCURRENT";
const SEPARATOR = "|";

export const secretVersion = resourceHandler<AwsSession>()({
  inputs: {
    secretId: text({ required: true, replace: true }),
    secretString: text({ replace: true, secret: true }),
    secretBinary: text({ replace: true, secret: true }),
    versionStages: set(text(), { computed: true }),
    ...regional,
  },
  outputs: { arn: text(), secretArn: text(), versionId: text() },
  stables: ["arn", "secretArn", "versionId"],

  validate({ secretString, secretBinary }) {
    if (secretString === undefined || secretBinary === undefined) return [];
    return [
      { property: "secretBinary", reason: "secretBinary must not be given together with secretString" },
    ];
  },

  async observe(id, known, session) {
    const manager = await session.client("secretsManager");
    const [secretId = "", versionId] = id.split(SEPARATOR);
    const described = await unless(ABSENT, manager.describeSecret({ SecretId: secretId }));
    if (!described || described.DeletedDate || !versionId) return undefined;
    const stages = described.VersionIdsToStages?.[versionId];
    // A version without a stage is deprecated: Secrets Manager may remove it at any time.
    if (!stages || stages.length === 0) return undefined;
    const value = await unless(ABSENT, manager.getSecretValue({ SecretId: secretId, VersionId: versionId }));
    if (!value) return undefined;
    return {
      arn: value.ARN,
      secretArn: value.ARN,
      secretId: known.secretId ?? secretId,
      secretString: value.SecretString,
      secretBinary: value.SecretBinary && Buffer.from(value.SecretBinary).toString("base64"),
      versionId,
      versionStages: stages,
      region: session.region,
    };
  },

  async create(desired, session) {
    const manager = await session.client("secretsManager");
    const { VersionId } = await manager.putSecretValue({
      SecretId: desired.secretId,
      SecretString: desired.secretBinary === undefined ? (desired.secretString ?? "") : undefined,
      SecretBinary:
        desired.secretBinary === undefined ? undefined : Buffer.from(desired.secretBinary, "base64"),
      VersionStages: desired.versionStages,
    });
    return `${desired.secretId}${SEPARATOR}${VersionId}`;
  },

  async sync(id, desired, observed, session) {
    const wanted = desired.versionStages;
    if (!wanted) return;
    const manager = await session.client("secretsManager");
    const [SecretId = "", versionId = ""] = id.split(SEPARATOR);
    for (const VersionStage of wanted.filter((stage) => !observed.versionStages?.includes(stage))) {
      const { VersionIdsToStages = {} } = await manager.describeSecret({ SecretId });
      const RemoveFromVersionId = holderOf(VersionStage, VersionIdsToStages);
      await manager.updateSecretVersionStage({
        SecretId,
        VersionStage,
        MoveToVersionId: versionId,
        RemoveFromVersionId,
      });
    }
    // AWSCURRENT can only move to another version, never vanish.
    for (const stage of (observed.versionStages ?? []).filter((s) => s !== CURRENT && !wanted.includes(s))) {
      await removeStage(SecretId, versionId, stage, session);
    }
  },

  async delete(id, known, session) {
    const [secretId = "", versionId = ""] = id.split(SEPARATOR);
    const live = await this.observe(id, known, session);
    // A value that is current stays until its secret goes or another value takes over, as with the official provider. Like
    // there, only stages of the state are taken: AWSPREVIOUS, which a value has since another one replaced it, stays too.
    const stages = (known.versionStages ?? []).filter((stage) => live?.versionStages?.includes(stage));
    for (const stage of stages.filter((s) => s !== CURRENT)) {
      await removeStage(secretId, versionId, stage, session);
    }
  },
});

async function removeStage(SecretId: string, from: string, VersionStage: string, session: AwsSession) {
  const manager = await session.client("secretsManager");
  await unless(
    ABSENT,
    manager.updateSecretVersionStage({ SecretId, VersionStage, RemoveFromVersionId: from }),
  );
}

function holderOf(stage: string, stagesOf: Record<string, string[]>): string | undefined {
  return Object.keys(stagesOf).find((version) => stagesOf[version]?.includes(stage));
}
