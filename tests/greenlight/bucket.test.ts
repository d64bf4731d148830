// A bucket that cannot be reached: which one it is, and what to look at.
import { expect, it } from "vitest";
import { bucketFiles } from "../../checks/observation/store.ts";
import { newestRecords } from "../../greenlight/records/bucket.ts";

// Nobody listens on a port of this number.
const nowhere = {
  AWS_ENDPOINT_URL: "http://127.0.0.1:1",
  AWS_ACCESS_KEY_ID: "id",
  AWS_SECRET_ACCESS_KEY: "key",
  AWS_REGION: "us-east-1",
};

it("is named where records are wanted from it", async () => {
  const place = { bucket: "orders-records", system: "orders", stack: "production" };
  await expect(newestRecords(place, 1, nowhere)).rejects.toThrow(
    /^records in bucket "orders-records": connect ECONNREFUSED 127\.0\.0\.1:1, want them listed; check network and credentials/,
  );
});

it("is named where a watch wants its samples", async () => {
  Object.assign(process.env, nowhere);
  const files = bucketFiles("orders-records", "observation", AbortSignal.timeout(30_000));
  await expect(files.read("began.json")).rejects.toThrow(
    /^samples in bucket "orders-records": connect ECONNREFUSED 127\.0\.0\.1:1, want them read; check network and credentials$/,
  );
});
