// A subscription of a topic that messages already reach: one over HTTP counts only when its receiver has confirmed it.
import { ListSubscriptionsByTopicCommand, type SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { waitUntil } from "../../checks/wait.ts";

const WITHIN_SECONDS = 60;

/** @throws when it is not confirmed in time */
export async function subscribe(
  client: SNSClient,
  to: { TopicArn: string | undefined; Protocol?: string | undefined; Endpoint: string | undefined },
): Promise<void> {
  const { TopicArn, Protocol = "http", Endpoint } = to;
  await client.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint }));
  const { ready, value } = await waitUntil(
    async () => {
      const { Subscriptions = [] } = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
      return Subscriptions.find((one) => one.Endpoint === Endpoint)?.SubscriptionArn ?? "none";
    },
    (arn) => arn.startsWith("arn:"),
    {
      withinSeconds: WITHIN_SECONDS,
      everySeconds: 0.1,
      signal: AbortSignal.timeout(2 * WITHIN_SECONDS * 1000),
    },
  );
  if (!ready) throw new Error(`subscription of ${Endpoint}: ${value}, want it confirmed`);
}
