// The sink's SMTP side: takes mail from authenticated senders only and keeps it.

import { timingSafeEqual } from "node:crypto";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";
import type { MessageStore } from "./message.ts";

const MAIL_BYTES = 10_000_000;

/** A server to listen with. Plain text on 127.0.0.1: it offers no STARTTLS, as no sender would trust its certificate. */
export function mailServer(store: MessageStore, user: string, password: string): SMTPServer {
  return new SMTPServer({
    name: "greenlight-sink",
    size: MAIL_BYTES,
    hideSTARTTLS: true,
    closeTimeout: 500, // a sender that keeps its connection does not hold up a stop
    allowInsecureAuth: true,
    authMethods: ["PLAIN", "LOGIN"],
    disableReverseLookup: true,
    onAuth(auth, _session, answer) {
      const right = same(auth.username ?? "", user) && same(auth.password ?? "", password);
      if (right) answer(null, { user });
      else answer(new Error("invalid user name or password"));
    },
    onData(stream, session, answer) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", answer);
      stream.on("end", () => {
        const tooLong = stream.sizeExceeded;
        if (tooLong) {
          answer(Object.assign(new Error("message exceeds the size limit"), { responseCode: 552 }));
          return;
        }
        const { mailFrom, rcptTo } = session.envelope;
        keep(
          store,
          Buffer.concat(chunks),
          mailFrom === false ? "" : mailFrom.address,
          rcptTo.map((to) => to.address),
        ).then((id) => answer(null, `kept as ${id}`), answer);
      });
    },
  });
}

async function keep(store: MessageStore, raw: Buffer, from: string, to: string[]): Promise<number> {
  const mail = await PostalMime.parse(raw);
  const headers = Object.fromEntries(mail.headers.map(({ key, value }) => [key, value]));
  const message = {
    kind: "mail",
    from,
    to,
    subject: mail.subject ?? "",
    text: mail.text ?? "",
    html: mail.html ?? "",
    headers,
  } as const;
  return store.add(message).id;
}

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
