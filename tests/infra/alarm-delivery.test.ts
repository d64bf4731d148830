// Alarms on the emulator with IAM enforced, by real requests: an alarm that goes off reaches mail, a webhook and a queue; nobody
// but the account's alarms may publish, and nobody but the stack's topics may put into the queue of what was not delivered.
import { randomBytes } from "node:crypto";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { IAM } from "@aws-sdk/client-iam";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { Alarms } from "../../infra/alarms.ts";
import { Keys } from "../../infra/keys.ts";
import { environment } from "../providers/support/providers.ts";
import { Applied } from "./support/applied.ts";
import { plain } from "./support/mocks.ts";
import { type StandIn, tlsStandIn } from "./support/tls-stand-in.ts";

const name = `told-${randomBytes(3).toString("hex")}`;
const account = { accountId: "123456789012", region: "us-east-1", disposable: true };
const applied = new Applied();

let sink = "";
let topics: { [Severity in "P1" | "P2" | "P3"]: string };
let queueUrl = "";
let secure: StandIn;
let emulator = "";
let client: { endpoint: string; region: string; maxAttempts: number };
let root: { accessKeyId: string; secretAccessKey: string };
let outsider: { accessKeyId: string; secretAccessKey: string };

beforeAll(async () => {
  const variables = await environment();
  sink = variables.GREENLIGHT_SINK_URL ?? "";
  emulator = variables.AWS_ENDPOINT_URL ?? "";
  secure = await tlsStandIn(emulator);
  client = { endpoint: secure.url, region: account.region, maxAttempts: 1 };
  root = {
    accessKeyId: variables.AWS_ACCESS_KEY_ID ?? "",
    secretAccessKey: variables.AWS_SECRET_ACCESS_KEY ?? "",
  };
  const alarms = await applied.run(() => {
    const keys = new Keys(name, account);
    return new Alarms(name, {
      ...account,
      keyArn: keys.data,
      rules: { diskFree: { belowPercent: 10, severity: "P1" }, queueSize: { aboveJobs: 5, severity: "P2" } },
      channels: {
        P1: {
          webhooks: [
            { id: "mail", url: `${sink}/relay/mail/${name}@example.com` },
            { id: "hook", url: `${sink}/hooks/${name}` },
          ],
        },
      },
    });
  });
  const [P1, P2, P3] = await Promise.all(
    [alarms.topicArns.P1, alarms.topicArns.P2, alarms.topicArns.P3].map(plain),
  );
  topics = { P1: P1 ?? "", P2: P2 ?? "", P3: P3 ?? "" };
  const sqs = new SQS({ ...client, credentials: root });
  queueUrl = (await sqs.listQueues({ QueueNamePrefix: `${name}-undelivered` })).QueueUrls?.[0] ?? "";
  const iam = new IAM({ ...client, credentials: root });
  const UserName = `${name}-outsider`;
  await iam.createUser({ UserName });
  const { AccessKey } = await iam.createAccessKey({ UserName });
  outsider = {
    accessKeyId: AccessKey?.AccessKeyId ?? "",
    secretAccessKey: AccessKey?.SecretAccessKey ?? "",
  };
}, 120_000);

afterAll(async () => {
  secure.close();
  await applied.remove();
}, 120_000);

/** What the sink took, of a kind and with that text. */
async function taken(kind: string, contains: string): Promise<{ to?: string[]; name?: string }[]> {
  const query = new URLSearchParams({ kind, contains });
  const answered = await fetch(`${sink}/messages?${query}`);
  return z
    .array(z.object({ to: z.array(z.string()), name: z.string() }).partial())
    .parse(await answered.json());
}

/** From OK to ALARM, since only a change is told. */
async function setOff(alarm: string, StateReason: string): Promise<void> {
  const cloudwatch = new CloudWatch({ ...client, credentials: root });
  const AlarmName = `${name}-${alarm}`;
  await cloudwatch.setAlarmState({ AlarmName, StateValue: "OK", StateReason: "to be set off" });
  await cloudwatch.setAlarmState({ AlarmName, StateValue: "ALARM", StateReason });
}

const REFUSED = /not authorized|[Dd]enied/;
const soon = { timeout: 30_000, interval: 100 };

describe("an alarm that goes off", () => {
  it("reaches the mail address and the webhook of its severity", async () => {
    await setOff("disk-free", `disk of ${name} is full`);
    await expect
      .poll(async () => (await taken("mail", `disk of ${name} is full`)).map(({ to }) => to), soon)
      .toEqual([[`${name}@example.com`]]);
    await expect
      .poll(async () => (await taken("webhook", `disk of ${name} is full`)).map((one) => one.name), soon)
      .toEqual([name]);
  });

  it("reaches nobody of another severity", async () => {
    await setOff("queue-size", `queue of ${name} is long`);
    await setOff("disk-free", `disk of ${name} is full again`);
    await expect.poll(async () => (await taken("webhook", "is full again")).length, soon).toBe(1);
    expect(await taken("webhook", `queue of ${name} is long`)).toEqual([]);
    expect(await taken("mail", `queue of ${name} is long`)).toEqual([]);
  });
});

describe("the queue of what was not delivered", () => {
  const received = async () => {
    const sqs = new SQS({ ...client, credentials: root });
    const { Messages = [] } = await sqs.receiveMessage({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
    return Messages.map(({ Body = "" }) => Body);
  };
  const queueArn = async () => {
    const sqs = new SQS({ ...client, credentials: root });
    const { Attributes } = await sqs.getQueueAttributes({ QueueUrl: queueUrl, AttributeNames: ["QueueArn"] });
    return Attributes?.QueueArn ?? "";
  };

  it("takes what the stack's topics tell, and nothing from another topic", async () => {
    const sns = new SNS({ ...client, credentials: root });
    const Endpoint = await queueArn();
    const { TopicArn: foreign = "" } = await sns.createTopic({ Name: `${name}-foreign` });
    for (const TopicArn of [topics.P2, foreign]) await sns.subscribe({ TopicArn, Protocol: "sqs", Endpoint });
    await sns.publish({ TopicArn: foreign, Message: "from elsewhere" });
    await setOff("queue-size", "told to the queue");
    const seen: string[] = [];
    await expect
      .poll(async () => {
        seen.push(...(await received()));
        return seen.filter((body) => body.includes("told to the queue")).length;
      }, soon)
      .toBe(1);
    expect(seen.filter((body) => body.includes("from elsewhere"))).toEqual([]);
    await sns.deleteTopic({ TopicArn: foreign });
  });

  it("takes nothing from a user of the account who is allowed nothing", async () => {
    const sqs = new SQS({ ...client, credentials: outsider });
    await expect(sqs.sendMessage({ QueueUrl: queueUrl, MessageBody: "x" })).rejects.toThrow(REFUSED);
    await expect(sqs.receiveMessage({ QueueUrl: queueUrl })).rejects.toThrow(REFUSED);
  });

  it("gives and takes nothing without TLS, whoever asks", async () => {
    const sqs = new SQS({ ...client, endpoint: emulator, credentials: root });
    await expect(sqs.sendMessage({ QueueUrl: queueUrl, MessageBody: "x" })).rejects.toThrow(REFUSED);
    await expect(sqs.receiveMessage({ QueueUrl: queueUrl })).rejects.toThrow(REFUSED);
  });
});

describe("a topic", () => {
  it("takes nothing from a user of the account who is allowed nothing", async () => {
    const sns = new SNS({ ...client, credentials: outsider });
    await expect(sns.publish({ TopicArn: topics.P1, Message: "x" })).rejects.toThrow(REFUSED);
  });
});
