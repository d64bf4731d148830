// What the agent sees from outside, told by a bucket with given objects.
import { S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it, onTestFinished } from "vitest";
import { backupAge } from "../../agent/sources/outside.ts";
import { withServer } from "../checks/support/http-server.ts";

const { signal } = new AbortController();
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

/** The age that is told where the bucket holds objects of these ages in hours. */
function ageOf(objects: { [key: string]: number }): Promise<number | undefined> {
  const contents = Object.entries(objects).map(
    ([key, hours]) => `<Contents><Key>${key}</Key><LastModified>${hoursAgo(hours)}</LastModified></Contents>`,
  );
  return withServer(
    (_request, response) =>
      void response.end(`<?xml version="1.0"?><ListBucketResult>${contents.join("")}</ListBucketResult>`),
    async (endpoint) => {
      const credentials = { accessKeyId: "nobody", secretAccessKey: "nothing" };
      const s3 = new S3Client({ endpoint, region: "us-east-1", credentials, forcePathStyle: true });
      onTestFinished(() => s3.destroy());
      return (await backupAge(s3, "backups", signal)).values[0];
    },
  );
}

describe("the age of the newest backup", () => {
  it("is that of the newest one, whatever the order", async () => {
    expect(
      await ageOf({ "backups/orders/1": 50, "backups/orders/2": 2, "backups/orders/3": 26 }),
    ).toBeCloseTo(2);
  });

  it("is not that of a report, which a failed run leaves, too", async () => {
    expect(await ageOf({ "backups/orders/1": 50, "scheduled/orders/2": 0 })).toBeCloseTo(50);
  });

  it("is not told where there are reports alone", async () => {
    await expect(ageOf({ "scheduled/orders/1": 0 })).rejects.toThrow("no backup, want one");
  });
});
