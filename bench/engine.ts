// The embedded engine beside the official CLI: a first update, one without changes, and a preview, of 10, 100 and 500 dynamic resources.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { officialVersion } from "../greenlight/engine.ts";
import { type Candidate, measure, table } from "./measure.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
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
  for (const resources of [10, 100, 500]) {
    const projects = commands.map((command) => project(command, resources));
    const run = async (candidate: Candidate, args: string[]) => {
      const [program = ""] = candidate.command;
      await measure(
        [{ ...candidate, command: [program, ...args, "--non-interactive", "--stack", "bench"] }],
        1,
      );
    };
    const first = projects.map((p) => ({
      ...p,
      async prepare() {
        p.fresh();
        const [program = ""] = p.command;
        await measure([{ ...p, command: [program, "stack", "init", "bench", "--non-interactive"] }], 1);
      },
    }));
    sections.push(table(`First up of ${resources} resources`, await measure(first, rounds)));
    for (const p of projects) await run(p, ["up", "--yes", "--skip-preview"]);
    sections.push(table(`No-change up of ${resources} resources`, await measure(projects, rounds)));
    const previews = projects.map((p) => ({
      ...p,
      command: [p.command[0] ?? "", "preview", "--non-interactive", "--stack", "bench"],
    }));
    sections.push(table(`Preview of ${resources} resources`, await measure(previews, rounds)));
    for (const { directory } of projects) if (directory) rmSync(directory, { recursive: true, force: true });
  }
  return sections.join("\n");
}
