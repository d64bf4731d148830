// A bucket that cannot be reached: which one it is, and what to look at.
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { bucketFiles } from "../../checks/observation/store.ts";
import { newestRecords, recordPlace } from "../../greenlight/records/bucket.ts";

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

it("keeps the records of a stack that is named with its organization where the program writes them", () => {
  const urn = (type: string, name: string) => `urn:pulumi:production::orders::${type}::${name}`;
  const records = "greenlight:infra:Records";
  const exported = {
    resources: [
      { urn: urn(records, "orders"), type: records },
      {
        urn: urn(`${records}$aws:s3/bucket:Bucket`, "orders-records"),
        type: "aws:s3/bucket:Bucket",
        outputs: { bucket: "orders-records-1", region: "eu-central-1" },
      },
    ],
  };
  const place = { bucket: "orders-records-1", system: "orders", stack: "production", region: "eu-central-1" };
  for (const name of ["production", "acme/production", "acme/orders/production"])
    expect(recordPlace({ name }, exported)).toEqual(place);
});

it("is asked in its own region, whatever this machine is set to, and with the token of keys that expire", async () => {
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer(({ headers }, response) => {
    asked.push(headers);
    response.setHeader("content-type", "application/xml").end("<ListBucketResult/>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { AWS_REGION: _, ...keys } = nowhere;
  const environment = {
    ...keys,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_SESSION_TOKEN: "of-a-role",
  };
  const place = { bucket: "orders-records", system: "orders", stack: "production", region: "eu-central-1" };
  for (const AWS_REGION of [undefined, "us-east-1"])
    expect(await newestRecords(place, 1, { ...environment, AWS_REGION })).toEqual([]);
  expect(asked).toHaveLength(2);
  for (const { authorization, "x-amz-security-token": token } of asked) {
    expect(authorization).toContain("/eu-central-1/s3/aws4_request");
    expect(token).toBe("of-a-role");
  }
});
