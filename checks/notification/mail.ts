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

/** @returns the server's receipt. @throws when it did not take the mail for every address */
export async function sendMail({ smtpUrl, timeoutSeconds, ...message }: Mail): Promise<string> {
  const { createTransport } = await import("nodemailer");
  const milliseconds = timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000;
  const limits = milliseconds ? { connectionTimeout: milliseconds, socketTimeout: milliseconds } : {};
  const transport = createTransport({ url: smtpUrl, ...limits });
  try {
    const { response, rejected, messageId } = await transport.sendMail(message);
    if (rejected.length > 0)
      throw new Error(`refused for ${rejected.length} of ${message.to.length} addresses`);
    return `${response} (${messageId})`;
  } finally {
    transport.close();
  }
}
