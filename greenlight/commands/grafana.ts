// `greenlight grafana`: the stack's dashboards as Grafana imports them, from the stack's state.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type Command, UsageError } from "../command.ts";
import { existingStack } from "../engine.ts";
import { makeFolder } from "../make-folder.ts";

const usage = `usage: greenlight grafana --stack STACK [--cwd DIR] [--output DIR]

Writes a JSON file for each dashboard of the stack's last update; Grafana's "Import dashboard" and its HTTP API take them.
  --stack, -s   the stack
  --cwd, -C     folder of Pulumi.yaml (default: here)
  --output, -o  folder for the files (default: grafana in the current folder)`;

const COMPONENT = "greenlight:infra:Dashboards";

// A stack that was never updated has no resources.
const state = z.object({
  resources: z
    .array(
      z.object({
        type: z.string(),
        outputs: z.object({ grafana: z.record(z.string(), z.string()).optional() }).optional(),
      }),
    )
    .nullish(),
});

/** The dashboards that a stack's state holds, by name: JSON texts. @throws when it holds none */
export function dashboardsOf(deployment: unknown): [name: string, json: string][] {
  const resources = state.parse(deployment).resources ?? [];
  const found = resources
    .filter(({ type }) => type === COMPONENT)
    .flatMap(({ outputs }) => Object.entries(outputs?.grafana ?? {}));
  if (found.length === 0)
    throw new Error("no dashboard in the stack's state; add greenlight:dashboards and run pulumi up");
  return found;
}

async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      stack: { type: "string", short: "s" },
      cwd: { type: "string", short: "C", default: "." },
      output: { type: "string", short: "o", default: "grafana" },
    },
  });
  if (!values.stack) throw new UsageError("--stack is needed");
  const { stack } = await existingStack(values.stack, values.cwd);
  const { deployment } = await stack.exportStack();
  const dashboards = dashboardsOf(deployment);
  await makeFolder(values.output);
  for (const [name, json] of dashboards) {
    const file = join(values.output, `${name}.json`);
    await writeFile(file, `${JSON.stringify(JSON.parse(json), null, 2)}\n`);
    process.stdout.write(`${file}\n`);
  }
  return 0;
}

export const grafana: Command = { usage, run };
