// aws.kms.Alias: a name for a key.

import { resourceHandler } from "../../handler.ts";
import { text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional } from "../common.ts";
import { type AwsSession, PARTITION } from "../session.ts";

export const alias = resourceHandler<AwsSession>()({
  inputs: {
    name: text({ replace: true, name: { prefix: "alias/", maxLength: 255 } }),
    targetKeyId: text({ required: true }),
    ...regional,
  },
  outputs: { arn: text(), targetKeyArn: text() },
  stables: ["arn"],

  identify: (desired) => desired.name,

  async observe(id, known, session) {
    const kms = await session.client("kms");
    for (let Marker: string | undefined; ; ) {
      const page = await kms.listAliases({ Marker });
      const found = page.Aliases?.find(({ AliasName }) => AliasName === id);
      if (found) {
        const { TargetKeyId = "", AliasArn } = found;
        const arn = `arn:${PARTITION}:kms:${session.region}:${await session.accountId()}:key/${TargetKeyId}`;
        const targetKeyId = known.targetKeyId === arn ? arn : TargetKeyId;
        return { name: id, arn: AliasArn, targetKeyId, targetKeyArn: arn, region: session.region };
      }
      if (!page.NextMarker) return undefined;
      Marker = page.NextMarker;
    }
  },

  async create(desired, session) {
    const kms = await session.client("kms");
    await kms.createAlias({ AliasName: desired.name, TargetKeyId: desired.targetKeyId });
    return desired.name;
  },

  async sync(id, desired, _observed, session) {
    const kms = await session.client("kms");
    await kms.updateAlias({ AliasName: id, TargetKeyId: desired.targetKeyId });
  },

  async delete(id, _known, session) {
    const kms = await session.client("kms");
    await unless(["NotFoundException"], kms.deleteAlias({ AliasName: id }));
  },
});
