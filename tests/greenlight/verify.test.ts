// `greenlight verify` where there is nothing, or not all, to verify: that proves nothing.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { readRecordText, type StoredRecord } from "../../checks/record/links.ts";
import { verify } from "../../greenlight/commands/verify.ts";

vi.mock("../../greenlight/engine.ts", () => ({ existingStack: async () => ({ stack: {} }) }));
vi.mock("../../greenlight/records/bucket.ts", () => ({
  existingRecordPlace: async () => ({ bucket: "orders-records", system: "orders", stack: "production" }),
  newestRecords: async () => stored.records,
}));

const stored = vi.hoisted(() => ({ records: [] as StoredRecord[] }));

/** A record as it was written; the chain's links are hashes of their texts. */
function written(at: number, before?: StoredRecord): { record: StoredRecord; text: string } {
  const key = `records/orders/production/${at}.json`;
  const text = JSON.stringify({
    ...{ version: 2, system: "orders", stack: "production", release: "1.0.0", commit: "" },
    ...{ recordedAt: "2026-03-02T12:00:00.000Z", steps: {}, parts: {} },
    previous: before ? { key: before.key, sha256: before.sha256 } : null,
  });
  return { record: readRecordText(key, text), text };
}

it("fails on a bucket whose first records were taken away, which leaves all links of the rest; copies may begin anywhere", async () => {
  const first = written(1);
  const second = written(2, first.record);
  const print = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const said = () => print.mock.calls.map(([text]) => text).join("");
  onTestFinished(() => {
    print.mockRestore();
    stored.records = [];
  });
  stored.records = [first.record, second.record];
  expect(await verify.run(["--stack", "production"])).toBe(0);
  stored.records = [second.record];
  expect(await verify.run(["--stack", "production"])).toBe(1);
  expect(said()).toContain(
    "first broken link: records/orders/production/2.json: the record before it, records/orders/production/1.json, is gone",
  );
  const folder = mkdtempSync(join(tmpdir(), "greenlight-verify-copies-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "2.json"), second.text);
  expect(await verify.run([folder])).toBe(0);
});

it("fails on a bucket without records", async () => {
  await expect(verify.run(["--stack", "production"])).rejects.toThrow(
    'stack "production": holds no record in its bucket orders-records, want some',
  );
});

it("fails on a folder without records", async () => {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-verify-none-"));
  try {
    await expect(verify.run([folder])).rejects.toThrow(`folder "${folder}": holds no record, want some`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("names a folder that is not there", async () => {
  const folder = join(tmpdir(), "greenlight-verify-nowhere");
  await expect(verify.run([folder])).rejects.toThrow(
    `folder "${folder}": cannot be read (ENOENT), want one with copies of records`,
  );
});
