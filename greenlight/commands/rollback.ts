// `greenlight rollback`: back to a recorded release, with its plan first and the same proofs afterwards.
import { parseArgs } from "node:util";
import { type Command, UsageError } from "../command.ts";
import { confirmed } from "../confirmed.ts";
import { Console } from "../console.ts";
import { availableEngine, engine } from "../engine.ts";
import { projectFolder } from "../project-folder.ts";
import { keepReport } from "../report-files.ts";
import { rollBack } from "../rollback/run.ts";
import { showPlan } from "../rollback/show.ts";

const usage = `usage: greenlight rollback --stack STACK [--to RELEASE] [--preview] [--yes] [--restore-database]
                           [--engine embedded|official] [--cwd DIR] [--json]

Goes back to a recorded release: application, site, database, infrastructure and settings, proven by the same checks.
The plan comes first; nothing is touched before. Run again, it finishes what was interrupted.
  --stack, -s         the stack
  --to                a release, or the key of a record (default: the newest that passed before the current one)
  --preview           shows the plan and ends
  --yes               goes ahead without asking
  --restore-database  restores the backup beside the live database and switches to it, instead of running down files
  --engine            which engine (default: the Pulumi CLI where it is installed)
  --cwd, -C           folder of Pulumi.yaml (default: here)
  --json              prints the report of the rollback as JSON`;

async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      stack: { type: "string", short: "s" },
      to: { type: "string" },
      preview: { type: "boolean", default: false },
      yes: { type: "boolean", default: false },
      "restore-database": { type: "boolean", default: false },
      engine: { type: "string" },
      cwd: { type: "string", short: "C", default: "." },
      json: { type: "boolean", default: false },
    },
  });
  if (!values.stack) throw new UsageError("--stack is needed");
  const named = values.engine;
  if (named !== undefined && named !== "embedded" && named !== "official")
    throw new UsageError(`no engine "${named}"; there are embedded, official`);
  if (!values.preview && !values.yes && !process.stdin.isTTY)
    throw new UsageError("nobody can be asked here: give --preview or --yes");
  const shown = new Console(values.json ? process.stderr : process.stdout);
  const report = await rollBack({
    engine: named === undefined ? await availableEngine() : await engine(named),
    directory: projectFolder(values.cwd),
    stack: values.stack,
    environment: {},
    ...(values.to === undefined ? {} : { to: values.to }),
    restoreDatabase: values["restore-database"],
    previewOnly: values.preview,
    async onPlan(lines, preview) {
      showPlan(shown, lines, preview);
      const ahead = !values.preview && (values.yes || (await confirmed()));
      if (ahead) shown.heading("up");
      return ahead;
    },
    onUpdate: (progress) => shown.progress(progress),
  });
  if (!report) return 0;
  shown.summary(report, await keepReport(report));
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  return report.errors.length === 0 ? 0 : 1;
}

export const rollback: Command = { usage, run };
