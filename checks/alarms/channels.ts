// Who got the test messages of a drill: each receiver those of the severities that it is told of, and no others, so that mail, chat
// and pager are told apart.
import { setTimeout as pause } from "node:timers/promises";
import { attempt } from "../http/request.ts";
import { type Observation, observe } from "../step/definition.ts";
import { type Waited, waitUntil } from "../wait.ts";

/** A receiver and the drilled alarms that it is told of. */
export interface Receiver {
  /** Of the observation, `channel-NAME`. */
  name: string;
  /** An address of mail, or the NAME of `/hooks/NAME` where the receiver takes calls. */
  mail?: string | undefined;
  hook?: string | undefined;
  /** A word that each of its messages has, e.g. `#alerts`. */
  contains?: string | undefined;
  /** Ids of alarms. */
  told: string[];
}

interface Look {
  word: string;
  /** Ids of all alarms that were set off. */
  drilled: string[];
  receiptUrl: string;
  deliverySeconds: number;
  /** Settles when every message has arrived somewhere, or its time was up. */
  delivered: Promise<unknown>;
}

// Longer nobody waits for a message that should not come.
const MOST_SETTLING_SECONDS = 30;

/** `channel-NAME` for each receiver. */
export async function judgeChannels(
  receivers: Receiver[],
  { word, drilled, receiptUrl, deliverySeconds, delivered }: Look,
  signal: AbortSignal,
): Promise<Observation[]> {
  const arrivedAt = async (receiver: Receiver) => {
    const texts = await messagesOf(receiver, word, receiptUrl, signal);
    return texts && drilled.filter((id) => texts.some((text) => text.includes(`${word}-${id}:`)));
  };
  const wantedOf = ({ told }: Receiver) => drilled.filter((id) => told.includes(id));
  const waits = await Promise.all(
    receivers.map((receiver) =>
      waitUntil(
        async () => (await arrivedAt(receiver)) ?? [],
        (ids) => wantedOf(receiver).every((id) => ids.includes(id)),
        { withinSeconds: deliverySeconds, everySeconds: 0.2, signal },
      ),
    ),
  );
  await delivered;
  // One that goes astray may come later than those that do not: as long again as the slowest of these took.
  const slowest = Math.max(0, ...waits.filter(({ ready }) => ready).map(({ seconds }) => seconds));
  if (receivers.length > 0)
    await pause(Math.min(slowest, MOST_SETTLING_SECONDS) * 1000, undefined, { signal });
  return await Promise.all(
    receivers.map(async (receiver, at) => {
      const wanted = wantedOf(receiver);
      const seen = await arrivedAt(receiver);
      if (!seen)
        throw new Error(`receiver ${new URL(receiptUrl).origin}: no list of messages; look at its log`);
      return judgeChannel(receiver, wanted, seen, waits[at]);
    }),
  );
}

/** @param seen in the end @param inTime of those that are wanted */
function judgeChannel(
  receiver: Receiver,
  wanted: string[],
  seen: string[],
  { value: inTime, seconds }: Pick<Waited<string[]>, "value" | "seconds"> = { value: [], seconds: 0 },
): Observation {
  const missing = wanted.filter((id) => !inTime.includes(id));
  const others = seen.filter((id) => !wanted.includes(id));
  const where = receiver.mail === undefined ? `calls of ${receiver.hook}` : `mail to ${receiver.mail}`;
  const marked = receiver.contains === undefined ? "" : ` with ${receiver.contains}`;
  return observe(
    `channel-${receiver.name}`,
    wanted.length > 0 && missing.length === 0 && others.length === 0,
    `${where}${marked}: the test messages of ${wanted.join(", ") || "at least one alarm"}, and of no other alarm`,
    [
      `${wanted.length - missing.length} of ${wanted.length} after ${seconds.toFixed(1)} s`,
      ...(missing.length > 0 ? [`missing: ${missing.join(", ")}`] : []),
      others.length > 0 ? `also ${others.join(", ")}` : "of no other",
    ].join("; "),
  );
}

interface Message {
  to?: unknown;
  name?: unknown;
}

/** What arrived at this receiver, each as one text; undefined where nobody says. */
async function messagesOf(
  { mail, hook, contains = "" }: Receiver,
  word: string,
  receiptUrl: string,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const url = new URL("/messages", receiptUrl);
  url.searchParams.set("kind", mail === undefined ? "webhook" : "mail");
  url.searchParams.set("contains", word);
  const answer = await attempt({ url: url.href, timeoutSeconds: 5, signal });
  if (!("json" in answer && Array.isArray(answer.json))) return undefined;
  const messages: Message[] = answer.json;
  return messages
    .filter(({ to, name }) =>
      mail === undefined ? name === hook : Array.isArray(to) && to.some((address) => address === mail),
    )
    .map((message) => JSON.stringify(message))
    .filter((text) => text.includes(contains));
}
