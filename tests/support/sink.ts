// What the sink of a set of services received, for assertions.

import type { Message } from "../../local/services/sink/message.ts";

/** The messages that match `query` (see local/services/sink/webhook.ts), polled until there is one. */
export async function waitForMessages(sinkUrl: string, query: Record<string, string>): Promise<Message[]> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const messages = await listMessages(sinkUrl, query);
    if (messages.length > 0) return messages;
    if (performance.now() > deadline)
      throw new Error(`sink: nothing matches ${JSON.stringify(query)} after 20 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The messages that match `query` now. */
export async function listMessages(sinkUrl: string, query: Record<string, string>): Promise<Message[]> {
  const response = await fetch(`${sinkUrl}/messages?${new URLSearchParams(query)}`);
  return (await response.json()) as Message[];
}
