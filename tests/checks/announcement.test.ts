// Messages that are really sent, to the sink's mail server and webhooks.
import { type AddressInfo, createServer } from "node:net";
import { SMTPServer } from "smtp-server";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { render } from "../../checks/announcement/run.ts";
import { step } from "../../checks/announcement.ts";
import { execute } from "../../checks/step/host.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { listMessages } from "../support/sink.ts";
import { answer, withServer } from "./support/http-server.ts";
import { runStep } from "./support/run-step.ts";

let sink = "";
let smtpUrl = "";

beforeAll(async () => {
  const environment = servicesEnvironment(await sharedServices());
  sink = environment.GREENLIGHT_SINK_URL ?? "";
  smtpUrl = environment.GREENLIGHT_SMTP_URL ?? "";
});

const notice = (to: object, text = "{{system}} {{version}} begins at {{window}}.") => ({
  name: "planned",
  subject: "{{system}} {{version}}",
  text,
  to: { ...to } as { [group: string]: { mail: string[] } | { webhook: string } },
});
const variables = { system: "orders", version: `1.0.${process.pid}`, window: "02:00 UTC" };
const given = () => ({ variables, smtpUrl, from: "releases@orders.org", receiptUrl: sink });

describe("announcement", () => {
  it("tells every group once, and finds each message where it arrives", async () => {
    const notices = [
      notice({
        people: { mail: ["a.ruiz@orders.org", "l.vega@orders.org"] },
        product: { webhook: `${sink}/hooks/product` },
      }),
    ];
    const first = await runStep(step, { ...given(), notices });
    expect(first.observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "planned-text passed",
      "planned-people passed",
      "planned-product passed",
    ]);
    expect(first.seen("planned-people").observed).toMatch(/^250 .*; arrived at /);
    const { reference } = render(notices[0] ?? notice({}), variables);
    expect(await listMessages(sink, { contains: reference })).toHaveLength(2);
    const again = await runStep(step, { ...given(), notices }, { previous: first.facts });
    expect(again.seen("planned-product").observed).toMatch(/^told before: status 200 /);
    expect(await listMessages(sink, { contains: reference })).toHaveLength(2);
  });

  it("sends nothing while a placeholder has no value", async () => {
    const notices = [
      notice({ product: { webhook: `${sink}/hooks/product` } }, "until {{end}} in {{version}}"),
    ];
    const ran = await runStep(step, { ...given(), notices });
    expect(ran.seen("planned-text")).toMatchObject({ result: "failed", observed: "open: end" });
    expect(ran.seen("planned-product").result).toBe("inconclusive");
    const { reference } = render(notices[0] ?? notice({}), variables);
    expect(await listMessages(sink, { contains: reference })).toEqual([]);
  });

  it("knows a placeholder of any name, and none that the language has by itself", () => {
    const text = "{{release date}} {{größe}} {{constructor}} {{ }} {{ version }}";
    const { open, text: filled } = render(notice({}, text), variables);
    expect(open).toEqual(["release date", "größe", "constructor", "{{ }}"]);
    expect(filled).toContain(`{{ }} ${variables.version}\n`);
  });

  it("fails for the group that could not be told, and tells only that one in the next try", async () => {
    let status = 500;
    let told = 0;
    await withServer(
      (_request, response) => {
        told += status === 200 ? 1 : 0;
        answer(response, status, {});
      },
      async (url) => {
        const notices = [
          notice({ operations: { webhook: `${url}/hooks/x` }, people: { mail: ["one.try@orders.org"] } }),
        ];
        const first = await runStep(step, { ...given(), receiptUrl: undefined, notices });
        expect(first.seen("planned-operations")).toMatchObject({
          result: "failed",
          observed: "status 500, want 2xx",
        });
        expect(first.seen("planned-people").result).toBe("passed");
        status = 200;
        const second = await runStep(
          step,
          { ...given(), receiptUrl: undefined, notices },
          { previous: first.facts },
        );
        expect(second.seen("planned-operations").result).toBe("passed");
        expect(second.seen("planned-people").observed).toMatch(/^told before/);
        expect(told).toBe(1);
      },
    );
  });

  it("keeps who was told when its time runs out, and tells only the others in the next try", async () => {
    const told: string[] = [];
    await withServer(
      (request, response) => {
        told.push(request.url ?? "");
        // The second one takes the message only in the next try.
        if (request.url === "/first" || told.length > 2) answer(response, 200, {});
      },
      async (url) => {
        const to = { first: { webhook: `${url}/first` }, second: { webhook: `${url}/second` } };
        const raw = { kind: "announcement", name: "announcement", variables, notices: [notice(to)] };
        const late: unknown = await execute({ ...raw, deadlineSeconds: 1 }, undefined, undefined).catch(
          (error: unknown) => error,
        );
        expect(late).toMatchObject({
          message: expect.stringContaining("planned-second: not finished after 1 s"),
        });
        const { properties } = late as { properties: { [name: string]: unknown } };
        const { outs } = await execute(raw, "id", properties);
        expect(outs.result).toBe("passed");
        expect(told).toEqual(["/first", "/second", "/second"]);
      },
    );
  });

  it("waits for no mail server that greets and then says nothing", async () => {
    const silent = createServer((socket) => socket.on("error", () => {}).write("220 ready\r\n"));
    await new Promise<void>((ready) => silent.listen(0, "127.0.0.1", ready));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const notices = [notice({ people: { mail: ["a.ruiz@orders.org"] } })];
    const where = { ...given(), smtpUrl: `smtp://a:b@127.0.0.1:${port}`, receiptUrl: undefined };
    const ran = await runStep(step, { ...where, notices });
    expect(ran.seen("planned-people")).toMatchObject({ result: "failed", observed: "Timeout" });
  });

  it("tells again only who was refused, of a mail that the server took for the others", async () => {
    const [first, second] = ["a.ruiz@orders.org", "L.Vega@orders.org"];
    const told: string[][] = [];
    let refuses = true;
    const server = new SMTPServer({
      ...{ authOptional: true, hideSTARTTLS: true, disableReverseLookup: true },
      onAuth: (_auth, _session, done) => done(null, { user: "any" }),
      onRcptTo: ({ address }, _session, done) =>
        done(refuses && address === second ? new Error("no such mailbox") : undefined),
      onData(stream, { envelope }, done) {
        told.push(envelope.rcptTo.map(({ address }) => address));
        stream.resume().on("end", () => done());
      },
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    onTestFinished(() => new Promise<void>((closed) => server.close(closed)));
    const { port } = server.server.address() as AddressInfo;
    const where = { ...given(), smtpUrl: `smtp://127.0.0.1:${port}`, receiptUrl: undefined };
    const notices = [notice({ people: { mail: [first, second] } })];
    const refused = await runStep(step, { ...where, notices });
    expect(refused.seen("planned-people")).toMatchObject({
      result: "failed",
      observed: "refused for 1 of 2 addresses",
    });
    const without = [notice({ people: { mail: [first] } })];
    const left = await runStep(step, { ...where, notices: without }, { previous: refused.facts });
    expect(left.seen("planned-people").result).toBe("passed");
    refuses = false;
    const again = await runStep(step, { ...where, notices }, { previous: refused.facts });
    expect(again.seen("planned-people").result).toBe("passed");
    expect(told).toEqual([[first], [second]]);
  });

  it("does not take the message of a group for that of another one whose address begins with it", async () => {
    await withServer(
      (request, response) =>
        answer(response, 200, request.method === "GET" ? [{ name: "eu", receivedAt: "now" }] : {}),
      async (url) => {
        const notices = [
          notice({ one: { webhook: `${url}/hooks/eu/x` }, other: { webhook: `${url}/hooks/eu-west` } }),
        ];
        const ran = await runStep(step, { ...given(), receiptUrl: url, deliverySeconds: 1, notices });
        expect(ran.seen("planned-one").result).toBe("passed");
        expect(ran.seen("planned-other").result).toBe("failed");
      },
    );
  });

  it("fails where the message was taken and never arrived", async () => {
    await withServer(
      (request, response) => answer(response, 200, request.method === "GET" ? [] : {}),
      async (url) => {
        const notices = [notice({ operations: { webhook: `${url}/hooks/x` } })];
        const ran = await runStep(step, { ...given(), receiptUrl: url, deliverySeconds: 1, notices });
        expect(ran.seen("planned-operations").result).toBe("failed");
        expect(ran.seen("planned-operations").observed).toMatch(/; not found within 1 s$/);
      },
    );
  });

  it("says so when there is no mail server", async () => {
    const notices = [notice({ people: { mail: ["a.ruiz@orders.org"] } })];
    const ran = await runStep(step, { variables, notices });
    expect(ran.seen("planned-people")).toMatchObject({
      result: "failed",
      observed: "no smtpUrl and from to send mail with",
    });
  });
});
