// `greenlight record`: the record of a plain `pulumi up` that failed, from the evidence that it left in the state.
import { parseArgs } from "node:util";
import { type Command, UsageError } from "../command.ts";
import { reportOf } from "../deployment.ts";
import { existingStack } from "../engine.ts";
import { lastUpdate } from "../last-run.ts";
import { projectFolder } from "../project-folder.ts";
import { existingRecordPlace, newestRecords } from "../records/bucket.ts";
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
  const directory = projectFolder(values.cwd);
  const { engine, stack } = await existingStack(values.stack, directory);
  const state = await stack.exportStack();
  const { steps: _steps, ...last } = lastUpdate(state.deployment);
  if (last.errors.length === 0)
    throw new Error(
      `stack "${values.stack}": no step failed in the last update, want one; there is nothing to add`,
    );
  const place = await existingRecordPlace(stack);
  const [newest] = await newestRecords(place, 1);
  // The state of an update that was recorded stays until the next one that runs a step, and is no further failure.
  if (newest && newest.document.recordedAt >= last.finishedAt.toISOString())
    throw new Error(
      `stack "${values.stack}": its last update is on record as ${newest.key}, want a later one; there is nothing to add`,
    );
  const report = await reportOf(stack, state, {
    ...last,
    directory,
    engine: engine.label,
    changes: {},
  });
  const key = await recordFailure(stack, state.deployment, report, directory);
  process.stdout.write(`${key}\n`);
  return 0;
}

export const record: Command = { usage, run };
