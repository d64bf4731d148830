// `greenlight up`: `pulumi up` with its report, the record of a failure, and the decision whether to go back.
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { firedTriggers } from "../../checks/triggers/fired.ts";
import { stackFilePath } from "../../infra/settings/stack-file-path.ts";
import { type Command, UsageError } from "../command.ts";
import { confirmed } from "../confirmed.ts";
import { Console } from "../console.ts";
import { deploy } from "../deployment.ts";
import { availableEngine, type EngineChoice, engine, existingStack } from "../engine.ts";
import { inFolder } from "../in-folder.ts";
import { projectFolder } from "../project-folder.ts";
import { keepReport } from "../report-files.ts";
import { follow, wayBackOf } from "../rollback/automatic.ts";

const usage = `usage: greenlight up --stack STACK [--auto-rollback | --no-auto-rollback] [--yes]
                     [--engine embedded|official] [--cwd DIR] [--json]

Previews and updates the stack as pulumi up does, writes the report, and records a failure. When a rollback trigger comes
true it says so: an immediate one is followed at once with --auto-rollback, a conditional one is a question for people.
  --stack, -s      the stack
  --auto-rollback  goes back to the release before when an immediate trigger comes true (default: as
                   greenlight:rollback.automatic says; --no-auto-rollback never does)
  --yes            goes ahead without asking
  --engine         which engine (default: the Pulumi CLI where it is installed)
  --cwd, -C        folder of Pulumi.yaml (default: here)
  --json           prints the report as JSON, that of the rollback where there was one
Ends with 0 when nothing failed, 1 when something did, 3 when it did and was rolled back.`;

function options(args: string[]) {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      stack: { type: "string", short: "s" },
      "auto-rollback": { type: "boolean" },
      yes: { type: "boolean", default: false },
      engine: { type: "string" },
      cwd: { type: "string", short: "C", default: "." },
      json: { type: "boolean", default: false },
    },
  });
  const { stack, engine: named, yes } = values;
  if (!stack) throw new UsageError("--stack is needed");
  if (named !== undefined && named !== "embedded" && named !== "official")
    throw new UsageError(`no engine "${named}"; there are embedded, official`);
  if (!yes && !process.stdin.isTTY) throw new UsageError("nobody can be asked here: give --yes");
  const chosen: EngineChoice | undefined = named;
  return { ...values, stack, named: chosen, yes, directory: projectFolder(values.cwd) };
}

async function run(args: string[]): Promise<number> {
  const { stack, directory, named, yes, json, "auto-rollback": wanted } = options(args);
  // A name with a slip in it must not become a stack and its file: one that is made here has its file already.
  if (!existsSync(stackFilePath(directory, stack))) await existingStack(stack, directory);
  const shown = new Console(json ? process.stderr : process.stdout);
  const target = {
    engine: named ? await engine(named) : await availableEngine(),
    directory,
    stack,
    environment: {},
  };
  const way = wayBackOf({ directory, stack, environment: process.env });
  let begun = false;
  let declined = false;
  const report = await deploy({
    ...target,
    retry: `npx greenlight up -s ${stack}${inFolder(directory)}`,
    onPreview: () => {},
    async onPlanned(plan) {
      shown.heading("preview");
      shown.plan(plan.planned, plan.changes);
      begun = yes || (await confirmed());
      declined = !begun;
      if (begun) shown.heading("up");
      return begun;
    },
    onUpdate: (progress) => shown.progress(progress),
  });
  if (declined) return 0;
  shown.summary(report, await keepReport(report));
  // A preview that was refused changed nothing that one could go back from.
  const seen = begun ? report.steps.filter(({ ran }) => ran) : [];
  const fired = firedTriggers(way.triggers, seen);
  const back = await follow(fired, wanted ?? way.automatic, shown, target, report.errors);
  if (back) shown.summary(back, await keepReport(back));
  if (json) process.stdout.write(`${JSON.stringify(back ?? report)}\n`);
  if (back) return back.errors.length === 0 ? 3 : 1;
  return report.errors.length === 0 ? 0 : 1;
}

export const up: Command = { usage, run };
