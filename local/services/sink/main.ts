// A process: receives the mail and webhook calls of a local stack and lists them over HTTP.
//
// node main.ts MESSAGES_FILE SMTP_PORT HTTP_PORT AWS_ENDPOINT, with SINK_SMTP_USER and SINK_SMTP_PASSWORD set

import { mailServer } from "./mail.ts";
import { MessageStore } from "./message.ts";
import { webhookServer } from "./webhook.ts";

const [file, smtpPort, httpPort, awsEndpoint] = process.argv.slice(2);
const { SINK_SMTP_USER: user, SINK_SMTP_PASSWORD: password } = process.env;
if (!file || !smtpPort || !httpPort || !awsEndpoint || !user || !password) {
  throw new Error(
    "sink: want MESSAGES_FILE SMTP_PORT HTTP_PORT AWS_ENDPOINT and SINK_SMTP_USER, SINK_SMTP_PASSWORD",
  );
}

const store = new MessageStore(file);
const mail = mailServer(store, user, password);
mail.on("error", (error) => console.error(`smtp: ${error.message}`));
const web = webhookServer(store, awsEndpoint);
// Health is told over HTTP, so that side opens last.
mail.listen(Number(smtpPort), "127.0.0.1", () => web.listen(Number(httpPort), "127.0.0.1"));

process.on("SIGTERM", () => {
  mail.close();
  web.close();
  web.closeAllConnections();
});
