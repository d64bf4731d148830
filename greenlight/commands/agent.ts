// `greenlight agent`: the process beside the application that writes metrics and ships logs. What it does stands in a
// secret that the stack wrote; only the secret's name is given to it.

import { parseArgs } from "node:util";
import { type Command, UsageError } from "../command.ts";
import { readPlan, untilEnded } from "../resident.ts";

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
    await untilEnded(async (signal) => {
      const { plan } = await import("../../agent/plan.ts");
      const given = await readPlan(secret, "an agent", plan());
      const { runAgent } = await import("../../agent/agent.ts");
      await runAgent(given, { signal, once, cacheCaFile: ca, log: tell });
    });
    return 0;
  },
};

function tell(line: string): void {
  process.stderr.write(`${new Date().toISOString()} agent: ${line}\n`);
}

function readArguments(args: string[]): { secret: string; ca: string | undefined; once: boolean } {
  const { values } = parseArgs({
    args,
    options: {
      secret: { type: "string" },
      ca: { type: "string" },
      once: { type: "boolean", default: false },
    },
  });
  const secret = values.secret ?? process.env.AGENT_SECRET_ID;
  if (!secret) throw new UsageError("want --secret NAME or AGENT_SECRET_ID");
  return { secret, ca: values.ca ?? (process.env.NODE_EXTRA_CA_CERTS || undefined), once: values.once };
}
