// `greenlight verify` where there is nothing to verify: that proves nothing.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { verify } from "../../greenlight/commands/verify.ts";

vi.mock("../../greenlight/engine.ts", () => ({ existingStack: async () => ({ stack: {} }) }));
vi.mock("../../greenlight/records/bucket.ts", () => ({
  existingRecordPlace: async () => ({ bucket: "orders-records", system: "orders", stack: "production" }),
  newestRecords: async () => [],
}));

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
