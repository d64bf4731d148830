// A running set answers real clients over the addresses and credentials of its environment, and refuses others.

import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { createClient } from "@redis/client";
import { createTransport } from "nodemailer";
import pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { type Services, servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { listMessages, waitForMessages } from "../support/sink.ts";

let services: Services;
let environment: Record<string, string>;
let authority: string;

beforeAll(async () => {
  services = await sharedServices();
  environment = servicesEnvironment(services);
  authority = await readFile(services.certificates.authority, "utf8");
});

function variable(name: string): string {
  const value = environment[name];
  if (value === undefined) throw new Error(`no variable ${name}`);
  return value;
}

describe("PostgreSQL", () => {
  const config = (ssl: pg.ClientConfig["ssl"]): pg.ClientConfig => {
    const url = new URL(variable("GREENLIGHT_DATABASE_URL"));
    url.search = "";
    return { connectionString: url.href, ssl };
  };
  const query = async (client: pg.Client, text: string) => {
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };

  it("takes the administrator over TLS with a certificate that the authority proves", async () => {
    const client = new pg.Client(config({ ca: authority }));
    const rows = await query(client, "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()");
    expect(rows).toEqual([{ ssl: true, version: "TLSv1.3" }]);
  });

  it("shows a certificate that no other authority proves", async () => {
    const client = new pg.Client(config(true));
    await expect(query(client, "select 1")).rejects.toThrow(/certificate/);
  });

  it("refuses a connection without TLS", async () => {
    const client = new pg.Client(config(false));
    await expect(query(client, "select 1")).rejects.toMatchObject({ code: "28000" });
  });

  it("refuses a wrong password", async () => {
    const client = new pg.Client({
      ...config({ ca: authority }),
      connectionString: undefined,
      user: "greenlight",
    });
    client.port = services.ports.postgresql;
    client.host = "127.0.0.1";
    client.password = "wrong";
    await expect(query(client, "select 1")).rejects.toMatchObject({ code: "28P01" });
  });

  it("collects statement statistics where the server has that module", async () => {
    const client = new pg.Client(config({ ca: authority }));
    const rows = await query(
      client,
      `select (select count(*)::int from pg_available_extensions where name = 'pg_stat_statements') as available,
              (select count(*)::int from pg_settings where name = 'pg_stat_statements.track') as loaded`,
    );
    expect(rows[0].loaded).toBe(rows[0].available);
  });

  it("keeps the text of failing statements out of its log", async () => {
    const secret = randomUUID();
    const client = new pg.Client(config({ ca: authority }));
    const statement = `create role "${secret}" password '${secret}' nonsense`;
    await expect(query(client, statement)).rejects.toThrow("unrecognized role option");
    const log = await readFile(`${services.layout.logs}/postgresql.log`, "utf8");
    expect(log).toContain('unrecognized role option "nonsense"');
    expect(log).not.toContain(secret);
  });
});

describe("Valkey", () => {
  it("answers over TLS with the token", async () => {
    const client = createClient({
      url: variable("GREENLIGHT_REDIS_URL"),
      socket: { tls: true, ca: authority },
    });
    client.on("error", () => {});
    await client.connect();
    try {
      const key = randomUUID();
      await client.set(key, "x".repeat(3_000_000));
      expect((await client.get(key))?.length).toBe(3_000_000);
      await client.del(key);
    } finally {
      client.destroy();
    }
  });

  it("answers nothing without the token", async () => {
    const client = createClient({
      url: `rediss://127.0.0.1:${services.ports["redis-tls"]}`,
      socket: { tls: true, ca: authority, reconnectStrategy: false },
    });
    client.on("error", () => {});
    await expect(client.connect().then(() => client.get("any"))).rejects.toThrow("NOAUTH");
    client.destroy();
  });
});

describe("AWS", () => {
  const client = (accessKeyId: string, secretAccessKey: string) =>
    new S3Client({
      endpoint: variable("AWS_ENDPOINT_URL"),
      region: variable("AWS_REGION"),
      credentials: { accessKeyId, secretAccessKey },
    });

  it("keeps an object", async () => {
    const s3 = client(variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"));
    const Bucket = `clients-${randomUUID()}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "a/b", Body: "content" }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "a/b" }));
    expect(await Body?.transformToString()).toBe("content");
  });

  // It goes out in blocks of 1 MiB.
  it.each([
    0,
    2 ** 20 - 1,
    2 ** 20,
    2 ** 20 + 1,
    3 * 2 ** 20,
    3_500_000,
  ])("gives back an object of %i bytes as it was, and ranges of it", async (bytes) => {
    const s3 = client(variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"));
    const Bucket = `clients-${randomUUID()}`;
    const stored = randomBytes(bytes);
    const got = async (Range?: string) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "o", Range }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    };
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "o", Body: stored }));
    expect((await got()).equals(stored)).toBe(true);
    if (bytes > 0) expect((await got(`bytes=7-${bytes - 1}`)).equals(stored.subarray(7))).toBe(true);
  });

  it("puts an object together from parts, under the hash of their hashes, and no other part", async () => {
    const s3 = client(variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"));
    const where = { Bucket: `clients-${randomUUID()}`, Key: "o" };
    await s3.send(new CreateBucketCommand({ Bucket: where.Bucket }));
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(where));
    const bodies = [randomBytes(5 * 2 ** 20), randomBytes(1000)];
    const Parts = await Promise.all(
      bodies.map(async (Body, at) => {
        const PartNumber = at + 1;
        const { ETag } = await s3.send(new UploadPartCommand({ ...where, UploadId, PartNumber, Body }));
        return { ETag, PartNumber };
      }),
    );
    const complete = (MultipartUpload: object) =>
      s3.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload }));
    const wrong = Parts.map((part) => ({ ...part, ETag: `"${"0".repeat(32)}"` }));
    await expect(complete({ Parts: wrong })).rejects.toMatchObject({ name: "InvalidPart" });
    const { ETag } = await complete({ Parts });
    const md5 = (bytes: Buffer) => createHash("md5").update(bytes).digest();
    expect(ETag).toBe(`"${md5(Buffer.concat(bodies.map(md5))).toString("hex")}-2"`);
    const { Body } = await s3.send(new GetObjectCommand(where));
    expect(Buffer.concat(bodies).equals((await Body?.transformToByteArray()) ?? Buffer.of())).toBe(true);
  });

  it("refuses an unknown key, a user's wrong secret, and what a user's policy does not allow", async () => {
    const UserName = `user-${randomUUID()}`;
    const iam = new IAMClient({
      endpoint: variable("AWS_ENDPOINT_URL"),
      region: variable("AWS_REGION"),
      credentials: {
        accessKeyId: variable("AWS_ACCESS_KEY_ID"),
        secretAccessKey: variable("AWS_SECRET_ACCESS_KEY"),
      },
    });
    await iam.send(new CreateUserCommand({ UserName }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const id = AccessKey?.AccessKeyId ?? "";
    const list = (accessKeyId: string, secret: string) =>
      client(accessKeyId, secret).send(new ListBucketsCommand({}));
    await expect(list("AKIAIOSFODNN7EXAMPLE", "any")).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
    await expect(list(id, "any")).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
    await expect(list(id, AccessKey?.SecretAccessKey ?? "")).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("delivers a notification to the sink, which confirms its subscription", async () => {
    const sns = new SNSClient({
      endpoint: variable("AWS_ENDPOINT_URL"),
      region: variable("AWS_REGION"),
      credentials: {
        accessKeyId: variable("AWS_ACCESS_KEY_ID"),
        secretAccessKey: variable("AWS_SECRET_ACCESS_KEY"),
      },
    });
    const name = `topic-${randomUUID()}`;
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: name }));
    const sinkUrl = variable("GREENLIGHT_SINK_URL");
    await sns.send(
      new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: `${sinkUrl}/hooks/${name}` }),
    );
    await waitForMessages(sinkUrl, { name, contains: "SubscriptionConfirmation" });
    await expect
      .poll(
        async () =>
          (await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions?.[0]
            ?.SubscriptionArn,
        { timeout: 20_000 },
      )
      .toMatch(/^arn:aws:sns:/);
    await sns.send(new PublishCommand({ TopicArn, Message: "disk is full" }));
    const [message] = await waitForMessages(sinkUrl, { name, contains: "disk is full" });
    expect(message).toMatchObject({ kind: "webhook", json: { Type: "Notification", TopicArn } });
  });
});

describe("the sink", () => {
  const send = async (url: string, subject: string) => {
    const transport = createTransport(url);
    try {
      return await transport.sendMail({
        from: "a@example.com",
        to: ["b@example.com", "c@example.com"],
        subject,
        text: "olá, conteúdo\n",
      });
    } finally {
      transport.close();
    }
  };

  it("lists a mail from an authenticated sender", async () => {
    const subject = `Relatório ${randomUUID()}`;
    await send(variable("GREENLIGHT_SMTP_URL"), subject);
    const [mail] = await waitForMessages(variable("GREENLIGHT_SINK_URL"), {
      kind: "mail",
      contains: subject,
    });
    expect(mail).toMatchObject({
      kind: "mail",
      from: "a@example.com",
      to: ["b@example.com", "c@example.com"],
      subject,
      text: "olá, conteúdo\n",
    });
  });

  it("refuses mail without a login and with a wrong one", async () => {
    const url = new URL(variable("GREENLIGHT_SMTP_URL"));
    url.password = "wrong";
    await expect(send(url.href, "x")).rejects.toMatchObject({ responseCode: 535 });
    await expect(send(`smtp://${url.host}`, "x")).rejects.toMatchObject({ responseCode: 530 });
  });

  it.each([
    ["slack-alerts", 200, "ok"],
    ["pagerduty-oncall", 202, '{"status":"success","message":"Event processed"}'],
    ["other", 200, '{"status":"ok"}'],
  ])("keeps headers and body of a call to %s and answers as that service does", async (name, status, answer) => {
    const sinkUrl = variable("GREENLIGHT_SINK_URL");
    const text = randomUUID();
    const response = await fetch(`${sinkUrl}/hooks/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-trace": "t-1" },
      body: JSON.stringify({ text }),
    });
    expect([response.status, await response.text()]).toEqual([status, answer]);
    const [message] = await listMessages(sinkUrl, { kind: "webhook", contains: text });
    expect(message).toMatchObject({ name, json: { text }, headers: { "x-trace": "t-1" } });
  });

  it("refuses to confirm a subscription at another address than the emulator's", async () => {
    const response = await fetch(`${variable("GREENLIGHT_SINK_URL")}/hooks/forged`, {
      method: "POST",
      headers: { "x-amz-sns-message-type": "SubscriptionConfirmation" },
      body: JSON.stringify({ SubscribeURL: `${variable("GREENLIGHT_SINK_URL")}/health` }),
    });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      error: "subscription confirmation: its link is not of the local AWS endpoint, refused",
    });
  });

  it("refuses a body of more than a megabyte", async () => {
    const url = `${variable("GREENLIGHT_SINK_URL")}/hooks/large`;
    const post = async (bytes: number) =>
      (await fetch(url, { method: "POST", body: "x".repeat(bytes) })).status;
    expect([await post(1_000_000), await post(1_000_001)]).toEqual([200, 413]);
  });
});

it("listens on the loopback interface only", async () => {
  const { networkInterfaces } = await import("node:os");
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4");
  const { application: _, ...ports } = services.ports;
  const answers = await Promise.all(
    outside.flatMap(({ address }) => Object.values(ports).map((port) => accepts(address, port))),
  );
  expect(answers.filter((accepted) => accepted)).toEqual([]);
  expect(await accepts("127.0.0.1", services.ports.aws)).toBe(true);
});

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => finish(true));
    socket.on("error", () => finish(false));
    socket.on("timeout", () => finish(false));
  });
}
