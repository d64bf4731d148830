// `greenlight agent`: the process beside the application that writes metrics and ships logs. What it does stands in a
// secret that the stack wrote; only the secret's name is given to it.

import { parseArgs } from "node:util";
import type { Plan } from "../../agent/plan.ts";
import { type Command, UsageError } from "../command.ts";

const usage = `usage: greenlight agent --secret NAME [--ca FILE] [--once]

  --secret  the stack's secret with the agent's plan, NAME/agent; else the variable AGENT_SECRET_ID
  --ca      the CA of Redis and the database, where it is not a public one; else NODE_EXTRA_CA_CERTS
  --once    one look and no more

Writes the metrics that the stack's alarms and dashboards read to CloudWatch and ships the application's log. Runs until
SIGTERM. AWS credentials and region come from the environment.`;

export const agent: Command = {
  usage,
  async run(args) {
    const { secret, ca, once } = readArguments(args);
    const stopping = new AbortController();
    for (const name of ["SIGTERM", "SIGINT"]) process.once(name, () => stopping.abort());
    // A process manager goes on; whether metrics arrive is for the alarms step to prove.
    process.send?.("ready");
    const given = await readPlan(secret);
    const { runAgent } = await import("../../agent/agent.ts");
    await runAgent(given, { signal: stopping.signal, once, cacheCaFile: ca, log: tell });
    // A process manager's channel would keep this process alive.
    if (process.connected) process.disconnect?.();
    return 0;
  },
};

function tell(line: string): void {
  process.stderr.write(`${new Date().toISOString()} agent: ${line}\n`);
}

function readArguments(args: string[]): { secret: string; ca: string | undefined; once: boolean } {
  const { values } = parsed(args);
  const secret = values.secret ?? process.env.AGENT_SECRET_ID;
  if (!secret) throw new UsageError("want --secret NAME or AGENT_SECRET_ID");
  return { secret, ca: values.ca ?? (process.env.NODE_EXTRA_CA_CERTS || undefined), once: values.once };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        secret: { type: "string" },
        ca: { type: "string" },
        once: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** @throws when the secret cannot be read or holds no plan; its value is never shown */
async function readPlan(secretId: string): Promise<Plan> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  const { plan } = await import("../../agent/plan.ts");
  const client = new SecretsManagerClient({});
  try {
    const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    const result = plan().safeParse(jsonOf(SecretString));
    if (result.success) return result.data;
    const places = result.error.issues.map(({ path }) => path.join(".") || "the whole").join(", ");
    throw new Error(`secret "${secretId}": no plan of an agent (${places}); run pulumi up, which writes it`);
  } finally {
    client.destroy();
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // told as no plan, without the text
  }
}
