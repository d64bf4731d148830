// Faults of what a system has in its buckets: the rule by which backups expire, bytes of the site.
import {
  DeleteBucketLifecycleCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Fault, Undo } from "./fault.ts";
import type { FaultySystem } from "./faulty-system.ts";

/** Nothing in the backup bucket ever expires. */
export async function retentionRemoved(system: FaultySystem): Promise<Undo> {
  const client = new S3Client({});
  const Bucket = system.deployed.addresses.backupBucket;
  const { Rules } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  await client.send(new DeleteBucketLifecycleCommand({ Bucket }));
  const LifecycleConfiguration = { Rules };
  return () => client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }));
}

/** Other bytes than built lie in the site's bucket, under the digest of those that were built. */
export function bytesAltered(Key: string): Fault["apply"] {
  return async (system: FaultySystem): Promise<Undo> => {
    const client = new S3Client({});
    const place = { Bucket: String(system.inputsOf("site").bucket), Key };
    const { Body, ContentType, CacheControl, Metadata } = await client.send(new GetObjectCommand(place));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    const put = (text: Buffer) =>
      client.send(new PutObjectCommand({ ...place, Body: text, ContentType, CacheControl, Metadata }));
    await put(Buffer.concat([bytes, Buffer.from("\n<!-- altered -->\n")]));
    return () => put(bytes);
  };
}
