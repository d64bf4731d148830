// The releases over a window of time: what was there before it is known, also where the last thing before it failed.
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect, it } from "vitest";
import { recordsSince } from "../../greenlight/records/bucket.ts";
import { historyOf } from "../../greenlight/records/history.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";

it("takes a look at what was there for a proof, and for no deployment, where a stop came between", async () => {
  Object.assign(process.env, servicesEnvironment(await sharedServices()));
  const s3 = new S3Client({});
  const bucket = "records-since";
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const write = (recordedAt: string, result: string) =>
    s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: `records/orders/production/${recordedAt.replaceAll(/[:.]/g, "-")}-0a1b2c.json`,
        Body: JSON.stringify({
          ...{ version: 2, system: "orders", stack: "production", release: "1.0.0", commit: "" },
          ...{ recordedAt, result, steps: {}, parts: { release: "1.0.0" }, previous: null },
        }),
      }),
    );
  await write("2026-03-01T12:00:00.000Z", "passed");
  await write("2026-03-02T12:00:00.000Z", "passed");
  await write("2026-03-03T12:00:00.000Z", "failed");
  await write("2026-03-05T12:00:00.000Z", "passed");
  const from = new Date("2026-03-04T00:00:00Z");
  const records = await recordsSince({ bucket, system: "orders", stack: "production" }, from);
  // The first one is not needed.
  expect(records.map(({ document }) => document.recordedAt.slice(0, 10))).toEqual([
    ...["2026-03-02", "2026-03-03", "2026-03-05"],
  ]);
  const { releases, dora } = historyOf(records, from, new Date("2026-03-06T00:00:00Z"));
  expect(releases.map(({ kind }) => kind)).toEqual(["proof"]);
  expect(dora.deployments).toBe(0);
});
