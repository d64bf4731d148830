// Who is told about a release, and about which one.
import { z } from "zod";
import { passwordsOf } from "../step/redaction.ts";
import { type Channel, channel, type Message, send } from "./channel.ts";

export const audience = () =>
  z.strictObject({
    system: z.string().min(1),
    stack: z.string().min(1),
    release: z.string().optional(),
    channels: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), channel()),
  });
export type Audience = z.output<ReturnType<typeof audience>>;

/** All texts of the channels that open one. */
export function secretsOf({ channels }: Audience): string[] {
  return Object.values(channels).flatMap((to) => {
    if ("slack" in to) return [to.slack.url, new URL(to.slack.url).pathname];
    if ("pagerduty" in to) return [to.pagerduty.routingKey];
    return [to.email.smtpUrl, ...passwordsOf(to.email.smtpUrl)];
  });
}

/** What became of each channel's message: undefined when it was taken, else why it was not. */
export type Deliveries = { channel: string; problem: string | undefined }[];

/** Tells all channels at once. Never throws: that nobody could be told must not fail a release. */
export async function tell(
  whom: Audience,
  subject: string,
  text: string,
  signal: AbortSignal,
): Promise<Deliveries> {
  const source = `${whom.system}/${whom.stack}`;
  const message: Message = { subject, text, source };
  const sent = Object.entries(whom.channels).map(async ([name, to]: [string, Channel]) => ({
    channel: name,
    problem: await send(to, message, signal),
  }));
  return Promise.all(sent);
}

/** The release in words, e.g. `orders 1.2.0 on production`. */
export function titleOf({ system, stack, release }: Audience): string {
  return `${system}${release === undefined ? "" : ` ${release}`} on ${stack}`;
}
