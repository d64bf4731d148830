// Mail by SMTP. The server's acceptance is the proof; what happens behind it is not known here.
import { createTransport } from "nodemailer";
import type { PartFaults } from "../faults.ts";

export interface Mail {
  to: string;
  subject: string;
  text: string;
}

export interface MailSettings {
  host: string;
  port: number;
  user: string;
  password: string;
  from: { name: string; address: string };
}

export type Mailer = ReturnType<typeof createMailer>;

export function createMailer(settings: MailSettings, faults: PartFaults) {
  const transport = createTransport({
    host: settings.host,
    port: settings.port,
    secure: settings.port === 465,
    // Anything but a receiver on this machine must offer STARTTLS: the password is never sent in plain text.
    requireTLS: !["127.0.0.1", "localhost"].includes(settings.host),
    ignoreTLS: ["127.0.0.1", "localhost"].includes(settings.host),
    auth: { user: settings.user, pass: settings.password },
    connectionTimeout: 10_000,
    socketTimeout: 20_000,
  });
  return {
    /** @returns the server's answer, e.g. `250 OK: message queued`. @throws when it does not accept the mail. */
    async send(mail: Mail): Promise<string> {
      if (faults.has("mail")) throw new Error("mail: 550 mailbox unavailable");
      const from = faults.has("mail-from") ? "root@localhost" : settings.from;
      const { response } = await transport.sendMail({ from, ...mail });
      return response;
    },
    close: () => transport.close(),
  };
}
