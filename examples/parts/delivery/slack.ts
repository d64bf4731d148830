// Slack by incoming webhook. The URL is a secret and never in a message.
import type { PartFaults } from "../faults.ts";

/** @throws when no webhook is set or it does not answer 200. */
export async function postToSlack(
  url: string | undefined,
  text: string,
  signal: AbortSignal,
  faults: PartFaults,
): Promise<string> {
  if (!url) throw new Error("slack: no webhook; set SLACK_WEBHOOK_URL and SLACK_NOTIFICATIONS_ENABLED");
  if (faults.has("slack")) throw new Error("slack: 404 no_service");
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text }),
    redirect: "error",
    signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
  });
  await response.body?.cancel();
  if (response.status !== 200) throw new Error(`slack: answered ${response.status}, want 200`);
  return "200 ok";
}
