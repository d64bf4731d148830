// This program itself on both engines: HV-Consultores deployed once by each, on services of its own; then updates without
// changes and previews, which look at everything again.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deploy } from "../greenlight/deployment.ts";
import { type EngineChoice, engine, officialVersion } from "../greenlight/engine.ts";
import { projectRoot } from "../local/services/layout.ts";
import { removeServices, servicesEnvironment, startServices } from "../local/services/services.ts";
import { type Candidate, measure, table } from "./measure.ts";

const SYSTEM = join(projectRoot, "examples/hv-consultores");
const STACK = "local";

/** @throws when a deployment is not proven. */
export async function benchThisProgram(rounds: number): Promise<string> {
  const choices: EngineChoice[] = officialVersion() === undefined ? ["embedded"] : ["embedded", "official"];
  const folders: string[] = [];
  try {
    const candidates: Candidate[] = [];
    for (const choice of choices) {
      const folder = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
      folders.push(folder);
      candidates.push(await deployed(choice, folder));
    }
    const doing = (...words: string[]) =>
      candidates.map((candidate) => ({
        ...candidate,
        command: [...candidate.command, ...words, "-C", SYSTEM, "--stack", STACK, "--non-interactive"],
      }));
    const updates = await measure(doing("up", "--yes", "--skip-preview"), rounds);
    const previews = await measure(doing("preview"), rounds);
    return [
      table("No-change up of this program (HV-Consultores)", updates),
      table("Preview of this program (HV-Consultores)", previews),
    ].join("\n");
  } finally {
    for (const directory of folders) await removeServices({ directory });
  }
}

/** The system proven on one engine; the command that goes on with it. */
async function deployed(choice: EngineChoice, folder: string): Promise<Candidate> {
  const environment = servicesEnvironment(await startServices({ directory: folder }));
  const used = await engine(choice);
  const report = await deploy({
    engine: used,
    directory: SYSTEM,
    stack: STACK,
    environment,
    retry: "npm run bench",
    onPreview: () => {},
    onPlanned: () => undefined,
    onUpdate: () => {},
  });
  if (report.verdict !== "proven")
    throw new Error(`${used.label}: ${report.verdict}\n${report.errors.join("\n")}`);
  return {
    name: used.label,
    command: [used.command.command],
    environment,
  };
}
