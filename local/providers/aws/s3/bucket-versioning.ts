// aws.s3.BucketVersioning. S3 cannot return to "never versioned": deleting suspends, as the official provider does.

import { resourceHandler } from "../../handler.ts";
import { object, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import type { AwsSession } from "../session.ts";
import { bucketOutputs, identify, NO_BUCKET, ofBucket } from "./of-bucket.ts";

const STATUSES = ["Enabled", "Suspended", "Disabled"] as const;

export const bucketVersioning = resourceHandler<AwsSession>()({
  inputs: {
    ...ofBucket,
    versioningConfiguration: object(
      {
        status: text({ required: true, oneOf: STATUSES }),
        mfaDelete: text({ computed: true, oneOf: ["Disabled"] }),
      },
      { required: true },
    ),
  },
  outputs: {},
  identify,

  async observe(id, _known, session) {
    const s3 = await session.client("s3");
    const found = await unless(NO_BUCKET, s3.getBucketVersioning({ Bucket: id }));
    if (!found) return undefined;
    const status = found.Status ?? "Disabled";
    const mfaDelete = found.MFADelete === "Disabled" ? found.MFADelete : undefined;
    return { ...bucketOutputs(id, session), versioningConfiguration: { status, mfaDelete } };
  },

  create: async (desired) => desired.bucket,

  async sync(id, desired, observed, session) {
    const { status } = desired.versioningConfiguration;
    if (status === observed.versioningConfiguration?.status || status === "Disabled") return;
    await put(id, status === "Enabled" ? "Enabled" : "Suspended", session);
  },

  async delete(id, known, session) {
    if (known.versioningConfiguration?.status === "Enabled") await put(id, "Suspended", session);
  },
});

async function put(Bucket: string, Status: "Enabled" | "Suspended", session: AwsSession): Promise<void> {
  const s3 = await session.client("s3");
  await unless(NO_BUCKET, s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status } }));
}
