// A service that does not answer: the log waits in its file, and not in memory.
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { LogShipping } from "../../agent/log-shipping.ts";

it("leaves lines in the file while too many wait, and drops none of a burst", async () => {
  const folder = await mkdtemp(join(tmpdir(), "greenlight-shipping-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "application.log");
  const variables = {
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "nobody",
    AWS_SECRET_ACCESS_KEY: "nothing",
    AWS_MAX_ATTEMPTS: "1",
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  // One reading of the file, with an error in it.
  await writeFile(file, `ERROR\n${"x\n".repeat(2 * 1024 * 1024 - 3)}`);
  const shipping = new LogShipping({ file, group: "/some/group", errorPattern: "ERROR" }, "machine");
  onTestFinished(() => shipping.close());
  await expect(shipping.ship()).rejects.toThrow("ECONNREFUSED");
  expect(shipping.takeErrors()).toBe(1);
  await appendFile(file, "ERROR\n");
  await expect(shipping.ship()).rejects.toThrow("ECONNREFUSED");
  expect(shipping.takeErrors()).toBe(0);
});
