// `npm run demo`: example systems deployed and proven on this machine, on the embedded engine unless told otherwise.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { outliveReader } from "../local/gone-reader.ts";
import { keepFromProxy } from "../local/proxy.ts";
import {
  foreignVariables,
  servicesEnvironment,
  servicesStatus,
  startServices,
  stopServices,
} from "../local/services/services.ts";
import type { Report } from "../report/report.ts";
import { seconds } from "../report/timeline.ts";
import { isWrongCall, UsageError } from "./command.ts";
import { Console } from "./console.ts";
import { deploy } from "./deployment.ts";
import { engine } from "./engine.ts";
import { documentOf, documentOfAll, exampleSystems } from "./examples.ts";
import { FAILING_STEPS, type FailingStep, makeFail } from "./failures.ts";
import { pulumiError } from "./pulumi-error.ts";
import { keepReport } from "./report-files.ts";

const EXAMPLES = fileURLToPath(new URL("../examples", import.meta.url));
const DEFAULT = "hv-consultores";
const USAGE = `usage: npm run demo -- [SYSTEM | all] [--fail STEP] [--engine embedded|official] [--keep] [--json]
  SYSTEM    a folder of examples/ (default ${DEFAULT}); all deploys every one, one after the other
  --fail    makes one step fail: ${FAILING_STEPS.join(", ")}
  --engine  which engine (default: embedded)
  --keep    leaves the local services running
  --json    one JSON document on standard output instead of text`;

interface Options {
  systems: string[];
  /** Whether they were asked for by the word `all`. */
  all: boolean;
  fail: FailingStep | undefined;
  engine: "embedded" | "official";
  keep: boolean;
  json: boolean;
}

/** Undefined where help is asked for. @throws UsageError when the arguments make no sense. */
function readOptions(args: string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      fail: { type: "string" },
      engine: { type: "string", default: "embedded" },
      keep: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const system = positionals[0] ?? DEFAULT;
  const systems = exampleSystems(EXAMPLES);
  const all = system === "all";
  if (positionals.length > 1 || !(all || systems.includes(system)))
    throw new UsageError(`no example "${positionals.join(" ")}"; there are ${systems.join(", ")}, and all`);
  if (values.fail !== undefined && !isFailing(values.fail)) {
    throw new UsageError(`cannot make "${values.fail}" fail; can: ${FAILING_STEPS.join(", ")}`);
  }
  if (all && values.fail !== undefined) throw new UsageError("--fail goes with one system");
  if (values.engine !== "embedded" && values.engine !== "official")
    throw new UsageError(`no engine "${values.engine}"; there are embedded, official`);
  return {
    systems: all ? systems : [system],
    all,
    fail: values.fail,
    engine: values.engine,
    keep: values.keep,
    json: values.json,
  };
}

function isFailing(step: string): step is FailingStep {
  return FAILING_STEPS.some((known) => known === step);
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    console.log(USAGE);
    return 0;
  }
  const shown = new Console(options.json ? process.stderr : process.stdout);
  const began = Date.now();
  // What was started is stopped, whatever is under way: the engine ends by itself what it has begun.
  let interrupted = false;
  for (const name of ["SIGINT", "SIGTERM"])
    process.on(name, () => {
      interrupted = true;
    });
  shown.line(`${options.systems.join(", ")} on this machine`);
  // Services that somebody runs already are theirs to stop.
  const keep = options.keep || (await servicesStatus()).some(({ state }) => state === "running");
  try {
    const services = await startServices({
      onProgress: (progress) => shown.line(`    ${progress.service}: ${progress.text}`),
    });
    shown.line(`    services ready after ${seconds((Date.now() - began) / 1000)}`);
    const used = await engine(options.engine);
    const environment = servicesEnvironment(services);
    for (const name of foreignVariables(process.env, environment)) delete process.env[name];
    const reports: Report[] = [];
    for (const system of options.systems) {
      if (interrupted) return 1;
      const directory = join(EXAMPLES, system);
      const failure =
        options.fail === undefined ? {} : makeFail(options.fail, directory, services.layout.local);
      if (options.all) shown.heading(system);
      const report = await deploy({
        engine: used,
        directory,
        stack: "local",
        environment: { ...environment, ...failure },
        retry: `npm run demo${system === DEFAULT ? "" : ` -- ${system}`}`,
        onPreview: () => {},
        onPlanned: (plan) => {
          shown.heading("preview");
          shown.plan(plan.planned, plan.changes);
          if (!interrupted) shown.heading("up");
          return !interrupted;
        },
        onUpdate: (progress) => shown.progress(progress),
      });
      shown.summary(report, await keepReport(report));
      reports.push(report);
    }
    if (options.all) shown.table(reports);
    const [only] = reports;
    const document = options.all || only === undefined ? documentOfAll(reports) : documentOf(only);
    if (options.json) process.stdout.write(`${JSON.stringify(document)}\n`);
    return reports.every(({ verdict }) => verdict === "proven") ? 0 : 1;
  } finally {
    if (!keep) await stopServices();
  }
}

keepFromProxy(process.env);
outliveReader();
try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const misused = isWrongCall(error);
  console.error(`error: ${pulumiError(error)}${misused ? `\n\n${USAGE}` : ""}`);
  process.exitCode = misused ? 2 : 1;
}
