// The example systems from nothing, one after the other on one machine: services, first preview and update, and a second of each
// without a change. There is no peer; the seconds are for comparing one version with another.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deploy } from "../greenlight/deployment.ts";
import { engine } from "../greenlight/engine.ts";
import { exampleSystems } from "../greenlight/examples.ts";
import { projectRoot } from "../local/services/layout.ts";
import { removeServices, servicesEnvironment, startServices } from "../local/services/services.ts";

/** Seconds of one run. */
interface Deployment {
  preview: number;
  update: number;
}

/** A Markdown table. @throws when a system is not proven: what failed is no measurement */
export async function benchSystems(): Promise<string> {
  const rows: string[] = [];
  const sums = { services: 0, first: 0 };
  for (const system of exampleSystems(join(projectRoot, "examples"))) {
    const { services, first, second } = await timed(system);
    sums.services += services;
    sums.first += first.preview + first.update;
    rows.push(
      `| ${[system, services, first.preview, first.update, second.preview, second.update].map(cell).join(" | ")} |`,
    );
  }
  return [
    "### Example systems, seconds",
    "",
    "| | services | first preview | first update | second preview | second update |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
    `First deployments together ${cell(sums.first)} s, with their services ${cell(sums.first + sums.services)} s.`,
    "",
  ].join("\n");
}

const cell = (value: string | number) => (typeof value === "number" ? value.toFixed(1) : value);

async function timed(system: string): Promise<{ services: number; first: Deployment; second: Deployment }> {
  const root = await mkdtemp(join(tmpdir(), "greenlight-bench-"));
  const directory = join(root, "set");
  const started = performance.now();
  const environment = servicesEnvironment(await startServices({ directory }));
  const services = seconds(started);
  try {
    const first = await deployment(system, environment);
    return { services, first, second: await deployment(system, environment) };
  } finally {
    await removeServices({ directory });
    await rm(root, { recursive: true, force: true });
  }
}

async function deployment(system: string, environment: { [name: string]: string }): Promise<Deployment> {
  const started = performance.now();
  let planned = started;
  const report = await deploy({
    engine: await engine("embedded"),
    directory: join(projectRoot, "examples", system),
    stack: "local",
    environment,
    retry: `npm run demo -- ${system}`,
    onPreview: () => {},
    onUpdate: () => {},
    onPlanned: () => {
      planned = performance.now();
      return undefined;
    },
  });
  if (report.verdict !== "proven")
    throw new Error(`system "${system}": ${report.verdict}, want proven; ${report.errors.join("; ")}`);
  return { preview: (planned - started) / 1000, update: seconds(planned) };
}

const seconds = (since: number) => (performance.now() - since) / 1000;
