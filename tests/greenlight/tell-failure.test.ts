// A deployment that failed outside its steps: told to whom the stack's state names.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tellFailure } from "../../greenlight/tell-failure.ts";
import { assemble, type Report } from "../../report/report.ts";

let status = 200;
const received: string[] = [];
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  received.push(body);
  response.writeHead(status).end();
});
let url = "";

beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/secret-part`;
});
afterAll(() => void server.close());
beforeEach(() => {
  status = 200;
  received.length = 0;
});

/** As an export with secrets shows a step's inputs. */
const stateWith = (onFailure: unknown) => ({
  resources: [
    { type: "aws:s3/bucket:Bucket", inputs: { bucket: "b" } },
    {
      type: "pulumi-nodejs:dynamic/greenlight:Notification",
      inputs: { kind: "notification", onFailure: { plaintext: JSON.stringify(onFailure) } },
    },
  ],
});
const telling = () => {
  const audience = {
    system: "orders",
    stack: "production",
    release: "1.2.0",
    channels: { team: { slack: { url } } },
  };
  return [{ kind: "notification", inputs: { event: "failure", audience }, reasonAs: "text" }];
};
const failed = (result: "notRun" | "failed" = "notRun"): Report => {
  const times = { startedAt: new Date(0), finishedAt: new Date(1000) };
  const report = assemble({
    ...{
      system: "orders",
      stack: "production",
      release: "1.2.0",
      engine: "test",
      changes: {},
      outputs: {},
      ...times,
    },
    ...{ steps: [], planned: [{ name: "health", kind: "health" }], visited: new Set(), ran: new Set() },
    errors: ["aws:rds: quota exceeded"],
  });
  return { ...report, steps: report.steps.map((step) => ({ ...step, result })) };
};

describe("a deployment that failed outside its steps", () => {
  it("is told with its reasons", async () => {
    expect(await tellFailure(stateWith(telling()), failed())).toEqual([
      { event: "failure", channel: "team", told: true, observed: "taken" },
    ]);
    expect(received.join()).toMatch(/orders 1\.2\.0 on production failed.*quota exceeded/);
  });

  it("stays that failure when nobody takes the message, which is said without the channel's address", async () => {
    status = 403;
    const notices = await tellFailure(stateWith(telling()), failed());
    expect(notices).toEqual([
      { event: "failure", channel: "team", told: false, observed: "not taken: status 403" },
    ]);
    expect(JSON.stringify(notices)).not.toContain("secret-part");
  });

  it("is told once: not when a step failed, which tells itself, and not where the stack wants nobody told", async () => {
    expect(await tellFailure(stateWith(telling()), failed("failed"))).toEqual([]);
    expect(await tellFailure(stateWith([{ kind: "resume", inputs: {} }]), failed())).toEqual([]);
    expect(await tellFailure({ resources: [] }, failed())).toEqual([]);
    // So the state of a first update that came to no resource.
    expect(await tellFailure({}, failed())).toEqual([]);
    expect(received).toEqual([]);
  });

  it("says what is wrong with whom to tell, and fails nothing by it", async () => {
    const [wrong] = await tellFailure(
      stateWith([{ kind: "notification", inputs: { event: "failure" } }]),
      failed(),
    );
    expect(wrong).toMatchObject({ told: false, observed: expect.stringContaining("audience") });
  });
});
