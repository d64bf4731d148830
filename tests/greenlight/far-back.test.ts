// A release that was updated many times since the one before it: that one is found, however many records lie between.
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { beforeAll, describe, expect, it } from "vitest";
import type { RecordDocument } from "../../checks/record/document.ts";
import { chooseTarget, sayTarget } from "../../checks/record/target.ts";
import { type RecordPlace, recordsUntil } from "../../greenlight/records/bucket.ts";
import { fromRecords } from "../../greenlight/records/report.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { assemble } from "../../report/report.ts";
import type { StepReport } from "../../report/steps.ts";
import { sharedServices } from "../support/services.ts";

const UPDATES = 70;
const place: RecordPlace = { bucket: "far-back", system: "orders", stack: "production" };
const keyOf = (at: number) => `records/orders/production/${String(at).padStart(3, "0")}.json`;
type Rollback = NonNullable<RecordDocument["rollback"]>;

/** One record of 1.0.0 and many of 2.0.0, all of which passed. */
async function write(bucket: string, rollback?: Rollback): Promise<void> {
  const s3 = new S3Client({});
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const releases = ["1.0.0", ...Array.from({ length: UPDATES }, () => "2.0.0")];
  if (rollback) releases.push("1.0.0");
  await Promise.all(
    releases.map((release, at) =>
      s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: keyOf(at),
          Body: JSON.stringify({
            ...{ version: 2, system: "orders", stack: "production", release, commit: "", previous: null },
            ...{ recordedAt: "2026-03-02T12:00:00.000Z", steps: {}, parts: { release } },
            snapshot: { key: "snapshots/none", sha256: "00", migrations: null },
            ...(at > UPDATES ? { rollback } : {}),
          }),
        }),
      ),
    ),
  );
}

const times = {
  startedAt: "2026-03-02T11:59:00.000Z",
  finishedAt: "2026-03-02T12:00:00.000Z",
  durationSeconds: 60,
};

beforeAll(async () => {
  Object.assign(process.env, servicesEnvironment(await sharedServices()));
  await write(place.bucket);
}, 300_000);

describe("the release before one that was updated seventy times", () => {
  it("is what a rollback goes back to", async () => {
    const records = await recordsUntil(place, (read) => sayTarget(read, undefined, false));
    expect(chooseTarget(records, undefined, false).target.key).toBe(keyOf(0));
    expect(chooseTarget(records, "1.0.0", false).target.key).toBe(keyOf(0));
  });

  it("is what the report compares with and names as the way back", async () => {
    const record: StepReport = {
      ...{ name: "record", kind: "record", result: "passed", observations: [], ...times },
      facts: { key: keyOf(UPDATES) },
    };
    const report = assemble({
      ...{ system: "orders", stack: "production", release: "2.0.0", engine: "test", outputs: {} },
      ...{ startedAt: new Date(times.startedAt), finishedAt: new Date(times.finishedAt) },
      ...{ steps: [record], planned: [record], visited: new Set(["record"]), ran: new Set(["record"]) },
      ...{ changes: {}, errors: [] },
    });
    const records = "greenlight:infra:Records";
    const exported = {
      resources: [
        { urn: `urn:pulumi:production::orders::${records}::orders`, type: records },
        {
          urn: `urn:pulumi:production::orders::${records}$aws:s3/bucket:Bucket::orders-records`,
          type: "aws:s3/bucket:Bucket",
          outputs: { bucket: place.bucket },
        },
      ],
    };
    const stack = { name: "production", workspace: { envVars: {} } } as Stack;
    const { differences, wayBack } = await fromRecords(stack, exported, report, ".", ".");
    expect(differences?.since.release).toBe("1.0.0");
    expect(wayBack).toMatchObject({ reason: null, target: { release: "1.0.0" } });
  });

  it("is not gone back to again where a rollback did so", async () => {
    const back = { ...place, bucket: "far-back-done" };
    await write(back.bucket, { to: keyOf(0), undoes: keyOf(UPDATES), seconds: 9 });
    const records = await recordsUntil(back, (read) => sayTarget(read, undefined, false));
    expect(records).toHaveLength(UPDATES + 2);
    expect(() => chooseTarget(records, undefined, false)).toThrow(/no earlier release is on record/);
  });
});

it("needs no more records than those that say it", async () => {
  const records = await recordsUntil(place, (read) => sayTarget(read, keyOf(UPDATES - 1), true));
  expect(records).toHaveLength(30);
});
