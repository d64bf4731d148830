// aws.s3.BucketVersioning. S3 cannot return to "never versioned": deleting suspends, as the official provider does.

import { object, text } from "../../schema.ts";
import { bucketSetting } from "./bucket-setting.ts";

const STATUSES = ["Enabled", "Suspended", "Disabled"] as const;

export const bucketVersioning = bucketSetting({
  inputs: {
    versioningConfiguration: object(
      {
        status: text({ required: true, oneOf: STATUSES }),
        mfaDelete: text({ computed: true, oneOf: ["Disabled"] }),
      },
      { required: true },
    ),
  },

  async get(s3, Bucket) {
    const { Status = "Disabled", MFADelete } = await s3.getBucketVersioning({ Bucket });
    const mfaDelete = MFADelete === "Disabled" ? MFADelete : undefined;
    return { versioningConfiguration: { status: Status, mfaDelete } };
  },

  async put(s3, Bucket, { versioningConfiguration: { status } }) {
    if (status === "Disabled") return;
    await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: status } });
  },

  async remove(s3, Bucket, { versioningConfiguration }) {
    if (versioningConfiguration?.status !== "Enabled") return;
    await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Suspended" } });
  },
});
