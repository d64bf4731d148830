// What the sink keeps: one message a line in messages.jsonl, in the order of arrival.

import { appendFileSync, existsSync, readFileSync, statSync, truncateSync } from "node:fs";
import { z } from "zod";

const common = { id: z.number().int().positive(), receivedAt: z.iso.datetime() };

export const messageSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    ...common,
    kind: z.literal("mail"),
    from: z.string(),
    to: z.array(z.string()),
    subject: z.string(),
    text: z.string(),
    html: z.string(),
    headers: z.record(z.string(), z.string()),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("webhook"),
    /** The NAME of `/hooks/NAME`. */
    name: z.string(),
    headers: z.record(z.string(), z.string()),
    /** As sent. */
    body: z.string(),
    /** The body where it is JSON, else null. */
    json: z.json(),
  }),
]);

/** One mail or one webhook call. */
export type Message = z.infer<typeof messageSchema>;
type Unnumbered<T> = T extends unknown ? Omit<T, "id" | "receivedAt"> : never;

export interface MessageFilter {
  kind?: string | undefined;
  contains?: string | undefined;
  name?: string | undefined;
  /** Only messages with a greater id. */
  after?: number | undefined;
}

/** The kept messages, backed by a file. */
export class MessageStore {
  #file: string;
  #messages: Message[];

  constructor(file: string) {
    this.#file = file;
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    // A crash may cut the last line short. Its sender got no answer and sends again.
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
    this.#messages = whole
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => messageSchema.parse(JSON.parse(line)));
  }

  add(message: Unnumbered<Message>): Message {
    const stored: Message = {
      id: (this.#messages.at(-1)?.id ?? 0) + 1,
      receivedAt: new Date().toISOString(),
      ...message,
    };
    const size = existsSync(this.#file) ? statSync(this.#file).size : 0;
    try {
      appendFileSync(this.#file, `${JSON.stringify(stored)}\n`, { mode: 0o600 });
    } catch (error) {
      // A full disk takes a part: the next message would be joined to it, and no start could read that line.
      if (existsSync(this.#file)) truncateSync(this.#file, size);
      throw error;
    }
    this.#messages.push(stored);
    return stored;
  }

  list(filter: MessageFilter): Message[] {
    return this.#messages.filter(
      (message) =>
        (filter.kind === undefined || message.kind === filter.kind) &&
        (filter.name === undefined || (message.kind === "webhook" && message.name === filter.name)) &&
        (filter.after === undefined || message.id > filter.after) &&
        (filter.contains === undefined || searchable(message).includes(filter.contains)),
    );
  }
}

/** The words of a message as a person reads them, not as JSON escapes them. */
function searchable(message: Message): string {
  return message.kind === "mail"
    ? [message.from, ...message.to, message.subject, message.text, message.html].join("\n")
    : [message.name, message.body].join("\n");
}
