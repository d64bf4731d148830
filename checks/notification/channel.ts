// Where people are told about a release, and how: Slack's incoming webhooks, PagerDuty's change events, mail.
import { z } from "zod";
import { attempt } from "../http/request.ts";
import { messageOf } from "../step/message.ts";
import { sendMail } from "./mail.ts";

const PAGERDUTY = "https://events.pagerduty.com/v2/change/enqueue";
const SEND_SECONDS = 10;

export const channel = () =>
  z.union([
    z.strictObject({ slack: z.strictObject({ url: z.url({ protocol: /^https?$/ }) }) }),
    z.strictObject({
      pagerduty: z.strictObject({ routingKey: z.string().min(1), url: z.url().default(PAGERDUTY) }),
    }),
    z.strictObject({
      email: z.strictObject({
        /** smtp:// or smtps:// with user and password. */
        smtpUrl: z.url({ protocol: /^smtps?$/ }),
        from: z.email(),
        to: z.array(z.email()).min(1),
      }),
    }),
  ]);
export type Channel = z.output<ReturnType<typeof channel>>;

/** What people read: a line, and more for those who want it. */
export interface Message {
  subject: string;
  text: string;
  /** Where it comes from, e.g. `orders/production`. */
  source: string;
}

/** Sends to one channel. @returns undefined when it was taken, else why it was not; without the channel's address. */
export async function send(to: Channel, message: Message, signal: AbortSignal): Promise<string | undefined> {
  try {
    await deliver(to, message, signal);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function deliver(to: Channel, { subject, text, source }: Message, signal: AbortSignal): Promise<void> {
  if ("slack" in to) return post(to.slack.url, { text: `*${inSlack(subject)}*\n${inSlack(text)}` }, signal);
  if ("pagerduty" in to) {
    const { routingKey, url } = to.pagerduty;
    const payload = {
      summary: subject.slice(0, 1024),
      timestamp: new Date().toISOString(),
      source,
      custom_details: { text },
    };
    return post(url, { routing_key: routingKey, payload }, signal);
  }
  await sendMail({ ...to.email, subject, text, timeoutSeconds: SEND_SECONDS });
}

async function post(url: string, body: object, signal: AbortSignal): Promise<void> {
  const answer = await attempt({
    url,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    timeoutSeconds: SEND_SECONDS,
    signal,
  });
  if ("error" in answer) throw new Error(answer.error);
  if (answer.status < 200 || answer.status > 299) throw new Error(`status ${answer.status}`);
}

/** Slack's own three signs; what was observed makes no link and no mention. */
function inSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
