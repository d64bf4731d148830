// The embedded engine beside the official CLI: a first update, one without changes, and a preview, of 10, 100 and 500 dynamic
// resources, what each further resource costs, and the same for this program.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { officialVersion } from "../greenlight/engine.ts";
import { type Candidate, type Measurement, measure, table } from "./measure.ts";
import { benchThisProgram } from "./this-program.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Between these two the cost of each further resource is taken, so that starting does not count. */
const FEW = 100;
const MANY = 500;
const PROGRAM = `import * as pulumi from "@pulumi/pulumi";
const provider = { async create(inputs) { return { id: inputs.name, outs: inputs }; } };
for (let i = 0; i < Number(process.env.RESOURCES); i++)
  new (class extends pulumi.dynamic.Resource {})(provider, "r" + i, { name: "r" + i });
`;

/** A project of its own for one engine, so that neither finds the other's state. */
function project(command: string, resources: number): Candidate & { fresh(): void } {
  const directory = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
  writeFileSync(
    join(directory, "Pulumi.yaml"),
    "name: bench\nruntime: {name: nodejs, options: {typescript: false}}\n",
  );
  writeFileSync(join(directory, "package.json"), '{"type": "module", "main": "index.js"}');
  writeFileSync(join(directory, "index.js"), PROGRAM);
  symlinkSync(join(ROOT, "node_modules"), join(directory, "node_modules"));
  const state = join(directory, "state");
  const fresh = () => {
    rmSync(state, { recursive: true, force: true });
    mkdirSync(state);
  };
  fresh();
  return {
    name: command.includes("/") ? "embedded engine" : `Pulumi CLI ${officialVersion()}`,
    command: [command, "up", "--yes", "--skip-preview", "--non-interactive", "--stack", "bench"],
    directory,
    fresh,
    environment: {
      RESOURCES: String(resources),
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_HOME: join(directory, "home"),
      PULUMI_CONFIG_PASSPHRASE: "bench",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
  };
}

/** @throws when an engine fails. */
export async function benchEngine(rounds: number): Promise<string> {
  const commands = [
    join(ROOT, "local/engine/bin/pulumi"),
    ...(officialVersion() === undefined ? [] : ["pulumi"]),
  ];
  const sections: string[] = [];
  const updates = new Map<number, Measurement[]>();
  const previews = new Map<number, Measurement[]>();
  const processors = new Map<number, number>();
  for (const resources of [10, FEW, MANY]) {
    const projects = commands.map((command) => project(command, resources));
    const doing = (...words: string[]) =>
      projects.map((p) => ({
        ...p,
        command: [p.command[0] ?? "", ...words, "--non-interactive", "--stack", "bench"],
      }));
    const first = projects.map((p) => ({
      ...p,
      async prepare() {
        p.fresh();
        const [program = ""] = p.command;
        await measure([{ ...p, command: [program, "stack", "init", "bench", "--non-interactive"] }], 1);
      },
    }));
    sections.push(table(`First up of ${resources} resources`, await measure(first, rounds)));
    // Not measured: the last of the runs before came from a first update.
    await measure(doing("up", "--yes", "--skip-preview"), 1);
    updates.set(resources, await measure(doing("up", "--yes", "--skip-preview"), rounds));
    previews.set(resources, await measure(doing("preview"), rounds));
    sections.push(table(`No-change up of ${resources} resources`, updates.get(resources) ?? []));
    sections.push(table(`Preview of ${resources} resources`, previews.get(resources) ?? []));
    processors.set(resources, await engineSeconds(doing("up", "--yes", "--skip-preview")[0], rounds));
    for (const { directory } of projects) if (directory) rmSync(directory, { recursive: true, force: true });
  }
  sections.push(
    slopes([
      ["no-change up, wall time of all processes", slopesOf(updates)],
      ["preview, wall time of all processes", slopesOf(previews)],
    ]),
    `Processor time of the embedded engine's own process: ${(slope(processors) * 1000).toFixed(2)} ms a resource`,
    "",
    await benchThisProgram(rounds),
  );
  return sections.join("\n");
}

/** Processor seconds of the engine's own process, without the SDK's program and server: the least of the rounds. */
async function engineSeconds(candidate: Candidate | undefined, rounds: number): Promise<number> {
  if (!candidate) return Number.NaN;
  const file = join(candidate.directory ?? "", "times");
  const environment = {
    ...candidate.environment,
    NODE_OPTIONS: `--require=${join(import.meta.dirname, "processor-time.ts")}`,
    GREENLIGHT_BENCH_TIMES: file,
  };
  await measure([{ ...candidate, environment }], rounds);
  const lines = readFileSync(file, "utf8").trim().split("\n");
  const own = lines.filter((line) => line.includes("local/engine/command/main.ts"));
  return Math.min(...own.map((line) => Number(line.split(" ").at(-1))));
}

/** Seconds that each resource beyond the first hundred costs. */
function slope(seconds: Map<number, number>): number {
  return ((seconds.get(MANY) ?? Number.NaN) - (seconds.get(FEW) ?? Number.NaN)) / (MANY - FEW);
}

/** The slope of each candidate's least time. */
function slopesOf(measured: Map<number, Measurement[]>): number[] {
  const candidates = measured.get(MANY) ?? [];
  return candidates.map((_, at) =>
    slope(new Map([...measured].map(([resources, list]) => [resources, list[at]?.minimum ?? Number.NaN]))),
  );
}

function slopes(rows: [string, number[]][]): string {
  const cells = rows.map(
    ([name, [own = Number.NaN, other]]) =>
      `| ${name} | ${(own * 1000).toFixed(2)} | ${other === undefined ? "" : (other * 1000).toFixed(2)} |`,
  );
  return [
    `### What each resource from the ${FEW}th to the ${MANY}th costs`,
    "",
    "| | embedded engine, ms | Pulumi CLI, ms |",
    "|---|---|---|",
    ...cells,
    "",
  ].join("\n");
}
