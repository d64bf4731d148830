// Sends what is due, once: a group that was told in an earlier try of the same text is not told again.
import { createHash } from "node:crypto";
import type { AnnouncementInputs } from "../announcement.ts";
import { attempt } from "../http/request.ts";
import { PartlyRefused, sendMail } from "../notification/mail.ts";
import { type Facts, type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";
import { waitUntil } from "../wait.ts";
import { PLACEHOLDER } from "./placeholders.ts";

const SEND_SECONDS = 10;

type Notice = AnnouncementInputs["notices"][number];
type Group = Notice["to"][string];

/** A text as it is sent. */
export interface Rendered {
  subject: string;
  text: string;
  /** Found in the text, so that the message can be told from every other one. */
  reference: string;
  /** Placeholders without a value. */
  open: string[];
}

export async function runAnnouncement(given: AnnouncementInputs, context: StepContext): Promise<Finding> {
  const observations: Observation[] = [];
  const before = context.previous?.receipts;
  const receipts: Facts =
    before !== null && typeof before === "object" && !Array.isArray(before) ? { ...before } : {};
  for (const notice of given.notices) {
    const rendered = render(notice, given.variables);
    const { open, text } = rendered;
    const seen = open.length === 0 ? `${text.length} characters` : `open: ${open.join(", ")}`;
    observations.push(
      observe(`${notice.name}-text`, open.length === 0, "a text without open placeholders", seen),
    );
    for (const [name, group] of Object.entries(notice.to)) {
      const id = `${notice.name}-${name}`;
      const key = `${id} ${rendered.reference}`;
      observations.push(await tell({ id, key, name, group, rendered, receipts }, given, context));
    }
  }
  context.log(observations.map(({ id, result }) => `${id} ${result}`).join(", "));
  return { observations, facts: { receipts } };
}

/** Fills the placeholders in and closes with a reference. */
export function render({ name, subject, text }: Notice, variables: { [name: string]: string }): Rendered {
  const open: string[] = [];
  const fill = (template: string) =>
    template.replace(PLACEHOLDER, (placeholder, inside: string) => {
      const variable = inside.trim();
      const value = Object.hasOwn(variables, variable) ? variables[variable] : undefined;
      if (value === undefined || value === "") open.push(variable || placeholder);
      return value || placeholder;
    });
  const [head, body] = [fill(subject), fill(text)];
  const reference = createHash("sha256").update(`${name}\n${head}\n${body}`).digest("hex").slice(0, 12);
  return { subject: head, text: `${body.trimEnd()}\n\nReference: ${reference}\n`, reference, open };
}

interface Telling {
  id: string;
  key: string;
  name: string;
  group: Group;
  rendered: Rendered;
  receipts: Facts;
}

async function tell(telling: Telling, given: AnnouncementInputs, context: StepContext): Promise<Observation> {
  const { id, key, name, group, rendered, receipts } = telling;
  const expected = `${name} told, with a receipt`;
  if (rendered.open.length > 0)
    return { id, result: "inconclusive", expected, observed: "not sent: the text has open placeholders" };
  if (context.signal.aborted)
    return {
      id,
      result: "inconclusive",
      expected,
      observed: `not sent: ${messageOf(context.signal.reason)}`,
    };
  try {
    const known = receipts[key];
    if (typeof known !== "string") receipts[key] = await send(telling, given, context.signal);
    const receipt = `${typeof known === "string" ? "told before: " : ""}${receipts[key]}`;
    if (given.receiptUrl === undefined) return observe(id, true, expected, receipt);
    const arrived = await findArrived(
      given.receiptUrl,
      group,
      rendered,
      given.deliverySeconds,
      context.signal,
    );
    return observe(
      id,
      arrived !== undefined,
      `${expected}, and found where it arrives`,
      arrived ? `${receipt}; ${arrived}` : `${receipt}; not found within ${given.deliverySeconds} s`,
    );
  } catch (error) {
    // Also at the deadline: who was told so far stays on record, so that the next try tells the others alone.
    return observe(id, false, expected, messageOf(error));
  }
}

/** What the receiver said. @throws when it did not take the message */
async function send(
  { group, key, receipts, rendered: { subject, text } }: Telling,
  { smtpUrl, from }: AnnouncementInputs,
  signal: AbortSignal,
): Promise<string> {
  const at = () => new Date().toISOString();
  if ("webhook" in group) {
    const body = JSON.stringify({ text: `*${subject}*\n${text}` });
    const headers = { "content-type": "application/json" };
    const answer = await attempt({
      url: group.webhook,
      method: "POST",
      headers,
      body,
      timeoutSeconds: SEND_SECONDS,
      signal,
    });
    if ("error" in answer) throw new Error(answer.error);
    if (answer.status < 200 || answer.status > 299) throw new Error(`status ${answer.status}, want 2xx`);
    return `status ${answer.status} at ${at()}`;
  }
  if (smtpUrl === undefined || from === undefined) throw new Error("no smtpUrl and from to send mail with");
  const keyOf = (address: string) => `${key} ${address.toLowerCase()}`;
  const to = group.mail.filter((address) => receipts[keyOf(address)] === undefined);
  // Whoever was refused is no longer in the group.
  if (to.length === 0) return "taken for each address in earlier tries";
  try {
    const receipt = await sendMail({ smtpUrl, from, to, subject, text, timeoutSeconds: SEND_SECONDS });
    return `${receipt} at ${at()}`;
  } catch (error) {
    // Who has it is not told again when the others are.
    if (error instanceof PartlyRefused)
      for (const address of error.accepted) receipts[keyOf(address)] = `taken at ${at()}`;
    throw error;
  }
}

/** Where and when the message arrived; undefined when it did not in time. */
async function findArrived(
  receiptUrl: string,
  group: Group,
  { reference }: Rendered,
  withinSeconds: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const query = new URLSearchParams({ contains: reference, kind: "webhook" in group ? "webhook" : "mail" });
  const look = async () => {
    const answer = await attempt({
      url: `${receiptUrl}/messages?${query}`,
      method: "GET",
      timeoutSeconds: 10,
      signal,
    });
    if ("error" in answer) throw new Error(answer.error);
    const messages: { receivedAt: string; to?: string[]; name?: string }[] = JSON.parse(answer.text);
    if ("webhook" in group) {
      const parts = new URL(group.webhook).pathname.split("/");
      return messages.find(({ name = "" }) => name !== "" && parts.includes(name));
    }
    const reached = messages.flatMap(({ to = [] }) => to);
    return group.mail.every((address) => reached.includes(address)) ? messages.at(-1) : undefined;
  };
  const { value } = await waitUntil(look, (found) => found !== undefined, {
    withinSeconds,
    everySeconds: 0.2,
    signal,
  });
  return value && `arrived at ${value.receivedAt}`;
}
