// `greenlight record`: the record of a plain `pulumi up` that failed, from the evidence that it left in the state.
import { parseArgs } from "node:util";
import { stepsOf } from "../../report/steps.ts";
import { type Command, UsageError } from "../command.ts";
import { reportOf } from "../deployment.ts";
import { existingStack } from "../engine.ts";
import { lastRun } from "../last-run.ts";
import { recordFailure } from "../records/failure.ts";

const usage = `usage: greenlight record --stack STACK [--cwd DIR]

Writes the record of the stack's last update when that failed. An update that passed has written its own.
  --stack, -s   the stack
  --cwd, -C     folder of Pulumi.yaml (default: here)`;

async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { stack: { type: "string", short: "s" }, cwd: { type: "string", short: "C", default: "." } },
  });
  if (!values.stack) throw new UsageError("--stack is needed");
  const { engine, stack } = await existingStack(values.stack, values.cwd);
  const state = await stack.exportStack();
  const steps = stepsOf(state.deployment);
  const errors = steps.flatMap(({ message }) => message ?? []);
  if (errors.length === 0)
    throw new Error(
      `stack "${values.stack}": no step failed in the last update, want one; there is nothing to add`,
    );
  const names = new Set(steps.map(({ name }) => name));
  const ran = lastRun(steps);
  const began = steps.filter(({ name }) => ran.has(name)).map(({ startedAt }) => startedAt ?? "");
  const report = await reportOf(stack, state, {
    directory: values.cwd,
    engine: engine.label,
    startedAt: new Date(began.sort()[0] ?? ""),
    finishedAt: new Date(steps.at(-1)?.finishedAt ?? ""),
    changes: {},
    planned: steps,
    visited: names,
    ran,
    errors,
  });
  const key = await recordFailure(stack, state.deployment, report, values.cwd);
  if (key === undefined)
    throw new Error(`stack "${values.stack}": keeps no release records; add greenlight:record`);
  process.stdout.write(`${key}\n`);
  return 0;
}

export const record: Command = { usage, run };
