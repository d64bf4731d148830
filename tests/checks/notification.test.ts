// Notifications, to the sink as Slack, PagerDuty and mail server.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { step } from "../../checks/notification.ts";
import { execute } from "../../checks/step/host.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { waitForMessages } from "../support/sink.ts";
import { inputFaults, runStep } from "./support/run-step.ts";

let sinkUrl = "";
let smtpUrl = "";
const refusing = createServer((_request, response) => response.writeHead(403).end());
let refusingUrl = "";

beforeAll(async () => {
  const environment = servicesEnvironment(await sharedServices());
  sinkUrl = environment.GREENLIGHT_SINK_URL ?? "";
  smtpUrl = environment.GREENLIGHT_SMTP_URL ?? "";
  await new Promise<void>((ready) => refusing.listen(0, "127.0.0.1", ready));
  refusingUrl = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}/hooks/T0/secret-part`;
});
afterAll(() => void refusing.close());

const release = `${process.pid}.${Date.now()}`;
const audienceOf = (channels: Record<string, unknown>) => ({
  system: "orders",
  stack: "production",
  release,
  channels: channels as never,
});

describe("a step that fails", () => {
  it("tells why, before the update ends", async () => {
    const team = { slack: { url: `${sinkUrl}/hooks/slack-failures` } };
    const failing = {
      kind: "preflight",
      name: "preflight",
      tools: { "no-such-tool": "1" },
      onFailure: [
        {
          kind: "notification",
          inputs: { event: "failure", audience: audienceOf({ team }) },
          reasonAs: "text",
        },
      ],
    };
    await expect(execute(failing, undefined, undefined)).rejects.toThrow(/notification: team-told taken$/);
    const told = await waitForMessages(sinkUrl, { contains: "slack-failures" });
    expect(JSON.stringify(told)).toMatch(/orders [^ ]+ on production failed.*preflight.*no-such-tool/);
  });
});

describe("a failure that nobody can be told", () => {
  it("stays that failure, and who was not told is in the evidence of the step", async () => {
    const channels = { team: { slack: { url: refusingUrl } } };
    const failing = {
      ...{ kind: "preflight", name: "preflight", tools: { "no-such-tool": "1" } },
      onFailure: [
        {
          kind: "notification",
          inputs: { event: "failure", audience: audienceOf(channels) },
          reasonAs: "text",
        },
      ],
    };
    const error: unknown = await execute(failing, undefined, undefined).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: expect.stringContaining("no-such-tool"),
      properties: {
        result: "failed",
        afterFailure: [
          {
            kind: "notification",
            observations: [{ id: "team-told", result: "notApplicable", observed: "not taken: status 403" }],
          },
        ],
      },
    });
    expect(JSON.stringify(error)).not.toContain("secret-part");
  });
});

describe("notification", () => {
  it.each<["start" | "success" | "failure", string]>([
    ["start", "begins"],
    ["success", "is proven"],
    ["failure", "failed"],
  ])("says of a rollback that it is one, at its %s", async (event, saying) => {
    const audience = audienceOf({ team: { slack: { url: `${sinkUrl}/hooks/slack-back-${event}` } } });
    const given = { event, audience, rollback: true, text: "Goes back to records/1.json." };
    const { facts } = await runStep(step, given);
    expect(facts.event).toBe("rollback");
    const told = JSON.stringify(await waitForMessages(sinkUrl, { contains: `slack-back-${event}` }));
    expect(told).toContain(`*rollback to orders ${release} on production ${saying}*`);
    expect(told).toContain("Goes back to records/1.json.");
  });

  it("reaches Slack, PagerDuty and a mailbox with the release, the event and the text", async () => {
    const audience = audienceOf({
      team: { slack: { url: `${sinkUrl}/hooks/slack-news` } },
      changes: { pagerduty: { routingKey: "R0UT1NG-KEY", url: `${sinkUrl}/hooks/pagerduty-news` } },
      people: { email: { smtpUrl, from: "release@example.com", to: ["team@example.com"] } },
    });
    const { observations } = await runStep(step, {
      event: "failure",
      audience,
      text: "health <!channel> down",
    });
    expect(observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "team-told passed",
      "changes-told passed",
      "people-told passed",
    ]);
    const title = `orders ${release} on production failed`;
    const messages = await waitForMessages(sinkUrl, { contains: title });
    const [slack] = messages.filter((m) => JSON.stringify(m).includes("slack-news"));
    const [pagerduty] = messages.filter((m) => JSON.stringify(m).includes("pagerduty-news"));
    const [mail] = messages.filter(({ kind }) => kind === "mail");
    expect(JSON.stringify(slack)).toContain(`*${title}*\\\\nhealth &lt;!channel&gt; down`);
    expect(JSON.stringify(pagerduty)).toContain('\\"source\\":\\"orders/production\\"');
    expect(mail).toMatchObject({ subject: title, to: ["team@example.com"] });
    expect(JSON.stringify(mail)).toContain("health <!channel> down");
  });

  it("records a channel that does not take it, without its address, and fails nothing", async () => {
    const audience = audienceOf({
      refusing: { slack: { url: refusingUrl } },
      absent: { slack: { url: "http://127.0.0.1:1/hooks" } },
      mail: { email: { smtpUrl: "smtp://a:b@127.0.0.1:1", from: "a@example.com", to: ["b@example.com"] } },
    });
    const { observations } = await runStep(step, { event: "success", audience });
    expect(observations.map(({ result }) => result)).toEqual([
      "notApplicable",
      "notApplicable",
      "notApplicable",
    ]);
    expect(observations.map(({ observed }) => observed)).toEqual([
      "not taken: status 403",
      expect.stringMatching(/^not taken: ./),
      expect.stringMatching(/^not taken: .*ECONNREFUSED/),
    ]);
    expect(JSON.stringify(observations)).not.toContain("secret-part");
  });

  it("keeps what opens a channel out of everything it shows", () => {
    const channels = {
      a: { slack: { url: refusingUrl } },
      b: { pagerduty: { routingKey: "R0UT1NG-KEY" } },
      c: {
        email: {
          smtpUrl: "smtps://me:pa%24word@mail.example.com",
          from: "a@example.com",
          to: ["b@example.com"],
        },
      },
    };
    const given = step.inputs().parse({ event: "start", audience: audienceOf(channels) });
    expect(step.secrets(given)).toEqual(
      expect.arrayContaining([refusingUrl, "R0UT1NG-KEY", "pa%24word", "pa$word"]),
    );
  });

  it("tells again only for another release or when something was released again", () => {
    const identity = (changed: object) => {
      const given = { event: "success", audience: audienceOf({}), triggers: ["t1"], text: "", ...changed };
      return JSON.stringify(
        typeof step.rerun === "function" ? step.rerun(step.inputs().parse(given)) : "always",
      );
    };
    expect(identity({ text: "other words" })).toBe(identity({}));
    expect(identity({ triggers: ["t2"] })).not.toBe(identity({}));
  });

  it("refuses a channel of no known kind and an address that is none", () => {
    const faults = (channels: Record<string, unknown>) =>
      inputFaults(step, { event: "start", audience: audienceOf(channels) });
    expect(faults({ team: { teams: { url: "https://x" } } })).not.toEqual([]);
    expect(faults({ team: { slack: { url: "hooks" } } })).not.toEqual([]);
    expect(faults({ team: { slack: { url: "https://hooks.example.com/x" } } })).toEqual([]);
  });
});
