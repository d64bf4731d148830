// `greenlight report`: the report of a stack as it stands, from the evidence in its state. Runs nothing of the stack.
import { parseArgs } from "node:util";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { stepsOf } from "../../report/steps.ts";
import { type Command, UsageError } from "../command.ts";
import { reportOf } from "../deployment.ts";
import { availableEngine } from "../engine.ts";
import { saveReport } from "../report-files.ts";

const usage = `usage: greenlight report --stack STACK [--cwd DIR] [--output DIR] [--json]

Writes report.html and report.json of the stack's last update.
  --stack, -s   the stack
  --cwd, -C     folder of Pulumi.yaml (default: here)
  --output, -o  folder for the files (default: .greenlight/reports/SYSTEM of the current folder)
  --json        prints the report as JSON instead of writing files`;

async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      stack: { type: "string", short: "s" },
      cwd: { type: "string", short: "C", default: "." },
      output: { type: "string", short: "o" },
      json: { type: "boolean", default: false },
    },
  });
  if (!values.stack) throw new UsageError("--stack is needed");
  const engine = await availableEngine();
  const stack = await LocalWorkspace.selectStack(
    { stackName: values.stack, workDir: values.cwd },
    { pulumiCommand: engine.command },
  );
  const { deployment } = await stack.exportStack();
  const steps = stepsOf(deployment);
  if (steps.length === 0) throw new Error(`stack "${values.stack}": no step has run; run pulumi up first`);
  const names = new Set(steps.map(({ name }) => name));
  const report = await reportOf(stack, {
    directory: values.cwd,
    engine: engine.label,
    startedAt: new Date(steps.map(({ startedAt }) => startedAt ?? "").sort()[0] ?? ""),
    finishedAt: new Date(steps.at(-1)?.finishedAt ?? ""),
    changes: {},
    planned: steps,
    visited: names,
    ran: names,
    errors: steps.flatMap(({ message }) => message ?? []),
    next: `pulumi up -s ${values.stack}`,
  });
  if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else for (const file of await saveReport(report, values.output)) process.stdout.write(`${file}\n`);
  return 0;
}

export const report: Command = {
  usage,
  run,
};
