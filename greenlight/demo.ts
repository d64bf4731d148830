// `npm run demo`: an example system deployed and proven on this machine, on the embedded engine unless told otherwise.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  servicesEnvironment,
  servicesStatus,
  startServices,
  stopServices,
} from "../local/services/services.ts";
import { seconds } from "../report/timeline.ts";
import { Console } from "./console.ts";
import { deploy } from "./deployment.ts";
import { engine } from "./engine.ts";
import { FAILING_STEPS, type FailingStep, makeFail } from "./failures.ts";
import { saveReport } from "./report-files.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const USAGE = `usage: npm run demo -- [SYSTEM] [--fail STEP] [--engine embedded|official] [--keep] [--json]
  SYSTEM   a folder of examples/ (default hv-consultores)
  --fail   makes one step fail: ${FAILING_STEPS.join(", ")}
  --keep   leaves the local services running
  --json   one JSON document on standard output instead of text`;

interface Options {
  system: string;
  fail: FailingStep | undefined;
  engine: "embedded" | "official";
  keep: boolean;
  json: boolean;
}

/** @throws with the usage when the arguments make no sense. */
function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      fail: { type: "string" },
      engine: { type: "string", default: "embedded" },
      keep: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const system = positionals[0] ?? "hv-consultores";
  const systems = readdirSync(join(ROOT, "examples"));
  if (positionals.length > 1 || !systems.includes(system))
    throw new Error(`no example "${positionals.join(" ")}"; there are ${systems.join(", ")}`);
  if (values.fail !== undefined && !isFailing(values.fail)) {
    throw new Error(`cannot make "${values.fail}" fail; can: ${FAILING_STEPS.join(", ")}`);
  }
  if (values.engine !== "embedded" && values.engine !== "official")
    throw new Error(`no engine "${values.engine}"; there are embedded, official`);
  return {
    system,
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
  const shown = new Console(options.json ? process.stderr : process.stdout);
  const again = `npm run demo${options.system === "hv-consultores" ? "" : ` -- ${options.system}`}`;
  const began = Date.now();
  shown.line(`${options.system} on this machine`);
  // Services that somebody runs already are theirs to stop.
  const keep = options.keep || (await servicesStatus()).some(({ state }) => state === "running");
  const services = await startServices({
    onProgress: (progress) => shown.line(`    ${progress.service}: ${progress.text}`),
  });
  try {
    shown.line(`    services ready after ${seconds((Date.now() - began) / 1000)}`);
    const directory = join(ROOT, "examples", options.system);
    const failure =
      options.fail === undefined ? {} : makeFail(options.fail, directory, services.layout.local);
    const report = await deploy({
      engine: await engine(options.engine),
      directory,
      stack: "local",
      environment: { ...servicesEnvironment(services), ...failure },
      retry: again,
      onPreview: () => {},
      onPlanned: (plan) => {
        shown.heading("preview");
        shown.plan(plan.planned, plan.changes);
        shown.heading("up");
      },
      onUpdate: (progress) => shown.progress(progress),
    });
    shown.summary(report, await saveReport(report));
    if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    return report.verdict === "proven" ? 0 : 1;
  } finally {
    if (!keep) await stopServices();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(`error: ${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
