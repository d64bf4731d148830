// `greenlight report`: the report of a stack as it stands, from the evidence in its state. Runs nothing of the stack.
import { parseArgs } from "node:util";
import { type Command, UsageError } from "../command.ts";
import { reportOf } from "../deployment.ts";
import { existingStack } from "../engine.ts";
import { inFolder } from "../in-folder.ts";
import { lastUpdate } from "../last-run.ts";
import { projectFolder } from "../project-folder.ts";
import { FORMATS, type Format, saveReport } from "../report-files.ts";
import { reportHistory } from "./report-history.ts";

const DAYS = 90;
const WITH_HISTORY = ["days", "records", "json"] as const;
const WITHOUT_HISTORY = ["format"] as const;

const usage = `usage: greenlight report --stack STACK [--cwd DIR] [--output DIR] [--format FORMAT]
       greenlight report --history (--stack STACK | --records FOLDER) [--days N] [--output DIR] [--json]

Writes report.html, report.json, report.junit.xml and report.md of the stack's last update.
  --stack, -s   the stack
  --cwd, -C     folder of Pulumi.yaml (default: here)
  --output, -o  folder for the files (default: .greenlight/reports/SYSTEM of the current folder)
  --format, -f  prints the report as ${Object.keys(FORMATS).join(", ")} instead of writing files

With --history: the releases over time, with deployment frequency, lead time, change failure rate and time to restore, as a
table, and as history.html and history.json.
  --days        how many days to look back (default: ${DAYS})
  --records     copies of records in a folder instead of those in the stack's bucket; needs no network
  --json        prints the JSON instead`;

async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      stack: { type: "string", short: "s" },
      cwd: { type: "string", short: "C", default: "." },
      output: { type: "string", short: "o" },
      format: { type: "string", short: "f" },
      history: { type: "boolean", default: false },
      days: { type: "string" },
      records: { type: "string" },
      json: { type: "boolean" },
    },
  });
  const misplaced = (values.history ? WITHOUT_HISTORY : WITH_HISTORY).find(
    (name) => values[name] !== undefined,
  );
  if (misplaced !== undefined)
    throw new UsageError(`--${misplaced} goes ${values.history ? "without" : "with"} --history`);
  if (values.history) {
    const days = Number(values.days ?? DAYS);
    if (!(days > 0 && days <= 36_500))
      throw new UsageError(`--days wants a number of days, got ${values.days}`);
    const { stack, records, output, json = false } = values;
    if ((stack === undefined) === (records === undefined))
      throw new UsageError("either --stack or --records is needed");
    return reportHistory({ stack, records, directory: values.cwd, days, output, json });
  }
  if (!values.stack) throw new UsageError("--stack is needed");
  const format = formatOf(values.format);
  const directory = projectFolder(values.cwd);
  const { engine, stack } = await existingStack(values.stack, directory);
  const state = await stack.exportStack();
  const { steps, ...last } = lastUpdate(state.deployment);
  if (steps.length === 0)
    throw new Error(
      `stack "${values.stack}": no step has run; run pulumi up -s ${values.stack}${inFolder(directory)} first`,
    );
  const report = await reportOf(stack, state, {
    ...last,
    directory,
    engine: engine.label,
    changes: {},
    next: `pulumi up -s ${values.stack}${inFolder(directory)}`,
  });
  if (format) process.stdout.write(FORMATS[format](report));
  else for (const file of await saveReport(report, values.output)) process.stdout.write(`${file}\n`);
  return 0;
}

function formatOf(name: string | undefined): Format | undefined {
  if (name === undefined || isFormat(name)) return name;
  throw new UsageError(`no format "${name}"; there are ${Object.keys(FORMATS).join(", ")}`);
}

function isFormat(name: string): name is Format {
  return Object.hasOwn(FORMATS, name);
}

export const report: Command = {
  usage,
  run,
};
