// The plan of a process that stays: whoever starts it is told which secret could not be read.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, vi } from "vitest";
import { z } from "zod";
import { readPlan } from "../../greenlight/resident.ts";

it("names a secret that is not there", async () => {
  const missing = { __type: "ResourceNotFoundException", message: "Secrets Manager can't find it" };
  const server = createServer((_, response) => response.writeHead(400).end(JSON.stringify(missing)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, "test");
  vi.stubEnv("AWS_REGION", "us-east-1");
  try {
    await expect(readPlan("orders/agent", "the agent", z.object({}))).rejects.toThrow(
      /^secret "orders\/agent": /,
    );
  } finally {
    vi.unstubAllEnvs();
    server.close();
    server.closeAllConnections();
  }
});
