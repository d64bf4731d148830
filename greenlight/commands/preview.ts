// `greenlight preview`: `pulumi preview` with its findings as one document, for the comment on a pull request. Changes nothing.
import { parseArgs } from "node:util";
import { CommandError, type EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { type Plan, renderPlan } from "../../report/plan.ts";
import { STEP_TYPE } from "../../report/steps.ts";
import { type Command, UsageError } from "../command.ts";
import { existingStack } from "../engine.ts";
import { Progression } from "../progress.ts";
import { systemOf } from "../system-name.ts";

const usage = `usage: greenlight preview --stack STACK [--cwd DIR] [--format markdown|json]

Previews the stack and prints what it found as one document.
  --stack, -s   the stack
  --cwd, -C     folder of Pulumi.yaml (default: here)
  --format, -f  markdown (default), as a comment on a pull request; or json
Ends with 1 when the preview is refused; the document then says why.`;

async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      stack: { type: "string", short: "s" },
      cwd: { type: "string", short: "C", default: "." },
      format: { type: "string", short: "f", default: "markdown" },
    },
  });
  if (!values.stack) throw new UsageError("--stack is needed");
  if (values.format !== "markdown" && values.format !== "json")
    throw new UsageError(`no format "${values.format}"; there are markdown, json`);
  const { stack } = await existingStack(values.stack, values.cwd);
  const system = await systemOf(stack);
  const seen = new Progression(() => {});
  const resources: Plan["resources"] = [];
  const failure = await stack
    .preview({
      color: "never",
      onEvent: (event) => {
        seen.see(event);
        resources.push(...changeOf(event));
      },
    })
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  if (failure !== undefined && !(failure instanceof CommandError)) throw failure;
  const errors = seen.faults(failure);
  const plan = { system, stack: stack.name, changes: seen.changes, resources, steps: seen.planned, errors };
  process.stdout.write(values.format === "json" ? `${JSON.stringify(plan, null, 2)}\n` : renderPlan(plan));
  return errors.length === 0 ? 0 : 1;
}

/** The resource of the event, when it would change and is no step. */
function changeOf({ resourcePreEvent }: EngineEvent): Plan["resources"] {
  if (resourcePreEvent === undefined) return [];
  const { op, type, urn } = resourcePreEvent.metadata;
  if (op === "same" || op === "read" || type.startsWith("pulumi:") || type.startsWith(STEP_TYPE)) return [];
  return [{ op, type, name: urn.split("::").slice(3).join("::") }];
}

export const preview: Command = { usage, run };
