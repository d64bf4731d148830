// Whether the way back is prepared, from what was looked at, and which records are looked at.
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { judgePrepared } from "../../checks/rollback/run.ts";
import { step } from "../../checks/rollback.ts";
import type { Observation, Result } from "../../checks/step/definition.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { runStep } from "./support/run-step.ts";

const seen = (id: string, result: Result): Observation => ({
  id,
  result,
  expected: "",
  observed: `${id} seen`,
});
const none = ["down-files", "backup", "target", "project", "duration"].map((id) => seen(id, "notApplicable"));
const judged = (ways: Observation[], first: boolean) => {
  const { result, observed } = judgePrepared(ways, first);
  return `${result}: ${observed}`;
};

describe("a way back", () => {
  it("is no question at the first release of a stack, which has nothing to go back to", () => {
    expect(judged(none, true)).toBe(
      "notApplicable: no other release is on record: from this first one the way back is to take it away",
    );
  });

  it("has to be there afterwards", () => {
    expect(judged(none, false)).toBe("failed: nothing was tried");
    expect(judged([...none, seen("duration", "passed")], false)).toBe("failed: duration: duration seen");
  });

  it("is prepared by whatever was tried, also at the first release, unless something speaks against it", () => {
    expect(judged([...none, seen("backup", "passed")], true)).toBe("passed: backup: backup seen");
    expect(judged([...none, seen("target", "passed")], false)).toBe("passed: target: target seen");
    const spoilt = [seen("backup", "failed"), seen("target", "passed")];
    expect(judged(spoilt, true)).toBe("failed: backup: backup seen");
    expect(judged(spoilt, false)).toBe("failed: backup: backup seen");
  });
});

describe("the records that are looked at", () => {
  it("reach back to the release before, however often the one that runs was updated since", async () => {
    Object.assign(process.env, servicesEnvironment(await sharedServices()));
    const s3 = new S3Client({});
    const bucket = "rollback-far-back";
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const releases = ["1.0.0", ...Array.from({ length: 45 }, () => "1.1.0")];
    await Promise.all(
      releases.map((release, at) =>
        s3.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: `records/orders/production/${String(at).padStart(3, "0")}.json`,
            Body: JSON.stringify({
              ...{ version: 2, system: "orders", stack: "production", release, commit: "", previous: null },
              ...{ recordedAt: "2026-03-02T12:00:00.000Z", steps: {}, parts: { release } },
              snapshot: { key: "snapshots/none", sha256: "00", migrations: null },
            }),
          }),
        ),
      ),
    );
    const { seen } = await runStep(step, {
      ...{ bucket, system: "orders", stack: "production", limitSeconds: 60 },
      parts: { release: "1.1.0" },
    });
    expect(seen("target")).toMatchObject({
      result: "passed",
      observed: "1.0.0 of 2026-03-02T12:00:00.000Z",
    });
  });
});
