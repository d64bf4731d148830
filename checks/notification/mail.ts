// Mail to people, through a server that takes it with user and password.

export interface Mail {
  /** smtp:// or smtps:// with user and password. */
  smtpUrl: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
  /** Longest wait for the server. @default the library's own limits */
  timeoutSeconds?: number;
}

/** The server took the mail, but not for every address: `accepted` have it. */
export class PartlyRefused extends Error {
  readonly accepted: string[];

  constructor(accepted: string[], rejected: number) {
    super(`refused for ${rejected} of ${accepted.length + rejected} addresses`);
    this.accepted = accepted;
  }
}

/** @returns the server's receipt. @throws when it did not take the mail, {@link PartlyRefused} when only for some */
export async function sendMail({ smtpUrl, timeoutSeconds, ...message }: Mail): Promise<string> {
  const { createTransport } = await import("nodemailer");
  const milliseconds = timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000;
  const limits = milliseconds ? { connectionTimeout: milliseconds, socketTimeout: milliseconds } : {};
  const transport = createTransport({ url: smtpUrl, ...limits });
  try {
    const { response, accepted, rejected, messageId } = await transport.sendMail(message);
    if (rejected.length > 0) throw new PartlyRefused(accepted, rejected.length);
    return `${response} (${messageId})`;
  } finally {
    transport.close();
  }
}
