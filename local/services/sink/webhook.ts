// The sink's HTTP side.
//
//   POST /hooks/NAME     (or a path below it) keeps headers and body; answers as Slack ("ok") or PagerDuty (202) do for those names
//   POST /relay/mail/ADDRESS, /relay/slack/CHANNEL   what Amazon SNS tells is passed on as its mail to the address would be, or as
//                        AWS Chatbot's message in the channel, which is kept as a call of /hooks/slack
//   GET  /messages       what arrived; ?kind=mail|webhook, ?contains=TEXT, ?name=NAME, ?after=ID narrow it
//   GET  /health
//
// Amazon SNS asks an endpoint to confirm its subscription by opening a link. The sink does, but only links of the local
// emulator. It cannot check SNS signatures (the emulator's are not real): it must not face anything but the emulator.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { z } from "zod";
import type { MessageStore } from "./message.ts";

const BODY_BYTES = 1_000_000;

/** A server to listen with. `awsEndpoint` is the only origin whose subscription links are opened. */
export function webhookServer(store: MessageStore, awsEndpoint: string): Server {
  return createServer((request, response) => {
    answer(request, response, store, awsEndpoint).catch((error: Error) => {
      console.error(`${request.method} ${request.url}: ${error.message}`);
      if (!response.headersSent) send(response, 500, { error: error.message });
      else response.destroy();
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  store: MessageStore,
  awsEndpoint: string,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://sink");
  const hook = /^\/hooks\/([\w.-]+)(?:\/[\w./-]*)?$/.exec(url.pathname)?.[1];
  const [, kind = "", to = ""] = /^\/relay\/(mail|slack)\/([\w.@+-]+)$/.exec(url.pathname) ?? [];
  const relay = kind === "" ? undefined : { kind, to };
  if (request.method === "GET" && url.pathname === "/health") {
    send(response, 200, { status: "ok" });
  } else if (request.method === "GET" && url.pathname === "/messages") {
    const after = url.searchParams.get("after");
    const filter = {
      kind: url.searchParams.get("kind") ?? undefined,
      contains: url.searchParams.get("contains") ?? undefined,
      name: url.searchParams.get("name") ?? undefined,
      after: after === null ? undefined : Number(after),
    };
    send(response, 200, store.list(filter));
  } else if (request.method === "POST" && relay !== undefined) {
    await passOn(request, response, relay, store, awsEndpoint);
  } else if (request.method === "POST" && hook !== undefined) {
    await receive(request, response, hook, store, awsEndpoint);
  } else {
    send(response, 404, {
      error: `no ${request.method} ${url.pathname}; want POST /hooks/NAME or GET /messages`,
    });
  }
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  store: MessageStore,
  awsEndpoint: string,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    send(response, 413, { error: `body exceeds ${BODY_BYTES} bytes` });
    return;
  }
  const json = parseJson(body);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
  store.add({ kind: "webhook", name, headers, body, json });
  if (headers["x-amz-sns-message-type"] === "SubscriptionConfirmation") await confirm(json, awsEndpoint);
  if (name.startsWith("slack")) response.writeHead(200, { "content-type": "text/html" }).end("ok");
  else if (name.startsWith("pagerduty"))
    send(response, 202, { status: "success", message: "Event processed" });
  else send(response, 200, { status: "ok" });
}

const notification = z.object({
  Subject: z.string().default("AWS Notification Message"),
  Message: z.string(),
});

/** The emulator sends no mail and knows no Slack: its notification is passed on in the form in which AWS would deliver it. */
async function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  { kind, to }: { kind: string; to: string },
  store: MessageStore,
  awsEndpoint: string,
): Promise<void> {
  const json = parseJson((await readBody(request)) ?? "");
  const { "x-amz-sns-message-type": type } = request.headers;
  const told = notification.safeParse(json);
  if (type === "SubscriptionConfirmation") await confirm(json, awsEndpoint);
  else if (!told.success) {
    send(response, 400, { error: "want a notification of Amazon SNS" });
    return;
  } else if (kind === "mail")
    store.add({
      kind: "mail",
      from: "no-reply@sns.amazonaws.com",
      to: [to],
      subject: told.data.Subject,
      text: told.data.Message,
      html: "",
      headers: {},
    });
  else {
    const message = { channel: `#${to}`, text: told.data.Message };
    store.add({ kind: "webhook", name: "slack", headers: {}, body: JSON.stringify(message), json: message });
  }
  send(response, 200, { status: "ok" });
}

/** Opens the link by which SNS learns that the endpoint wants its messages. @throws when it is not the emulator's. */
async function confirm(json: unknown, awsEndpoint: string): Promise<void> {
  const link =
    typeof json === "object" && json !== null && "SubscribeURL" in json ? json.SubscribeURL : undefined;
  if (typeof link !== "string" || new URL(link).origin !== new URL(awsEndpoint).origin) {
    throw new Error("subscription confirmation: its link is not of the local AWS endpoint, refused");
  }
  const answered = await fetch(link, { signal: AbortSignal.timeout(10_000) });
  if (!answered.ok)
    throw new Error(`subscription confirmation: ${answered.status} from the local AWS endpoint, want 200`);
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= BODY_BYTES) chunks.push(chunk);
  }
  return size > BODY_BYTES ? undefined : Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
