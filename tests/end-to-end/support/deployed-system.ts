// One example system on services of its own, deployed as `npm run demo` does it, on either engine.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { z } from "zod";
import { deploy } from "../../../greenlight/deployment.ts";
import { type EngineChoice, engine, officialVersion } from "../../../greenlight/engine.ts";
import { projectRoot } from "../../../local/services/layout.ts";
import { type Services, servicesEnvironment, startServices } from "../../../local/services/services.ts";
import { type Checklist, readChecklist } from "../../../report/checklist.ts";
import type { Report } from "../../../report/report.ts";

export const engines: EngineChoice[] = ["embedded", "official"];

/** Whether the engine is not on this machine. */
export const isAbsent = (choice: EngineChoice) => choice === "official" && officialVersion() === undefined;

export type Environment = { [name: string]: string };

export interface DeployedSystem {
  /** A folder of examples/. */
  name: string;
  /** The absolute path of that folder. */
  directory: string;
  services: Services;
  /** The team's list, as it is written. */
  checklist: Checklist;
  /** What the engine and the program were given. */
  environment: Environment;
  /** What the first deployment showed. */
  first: Report;
  /** What the newest deployment that was proven showed: the first one finds neither flags nor queues. */
  proven(): Report;
  /** Deploys again, with variables of the stack's own changed. */
  deploy(wrong?: Environment): Promise<Report>;
  /** The stack's state; secrets are readable. */
  exported(): Promise<unknown>;
  /** What the stack says of itself: `addresses.database` and so on. */
  addresses: Environment;
  destroy(): Promise<void>;
}

const addresses = z.record(z.string(), z.string().optional());

/** Deploys a system from nothing. @param folder of its services; nobody else may use them */
export async function deploySystem(
  name: string,
  { engine: choice, folder }: { engine: EngineChoice; folder: string },
): Promise<DeployedSystem> {
  const directory = join(projectRoot, "examples", name);
  const services = await startServices({ directory: folder });
  const environment = servicesEnvironment(services);
  const used = await engine(choice);
  let proven: Report | undefined;
  const again = async (wrong: Environment = {}) => {
    const report = await deploy({
      ...{ engine: used, directory, stack: "local", environment: { ...environment, ...wrong } },
      ...{ retry: `npm run demo -- ${name}`, onPreview: () => {}, onPlanned: () => {}, onUpdate: () => {} },
    });
    if (report.verdict === "proven") proven = report;
    return report;
  };
  const select = () =>
    LocalWorkspace.selectStack(
      { stackName: "local", workDir: directory },
      { pulumiCommand: used.command, envVars: environment },
    );
  const file = join(directory, "checklist.yaml");
  const checklist = readChecklist(await readFile(file, "utf8"), file);
  const first = await again();
  const known = addresses.parse(first.outputs.addresses ?? {});
  return {
    ...{ name, directory, services, checklist, environment, first, deploy: again },
    proven: () => proven ?? first,
    addresses: Object.fromEntries(
      Object.entries(known).flatMap(([key, value]) => (value ? [[key, value]] : [])),
    ),
    exported: async () => (await (await select()).exportStack()).deployment,
    destroy: async () => void (await (await select()).destroy()),
  };
}

/** Boxes of a verdict, by number. */
export function boxesOf(report: Report, verdict: string): string[] {
  const boxes = report.checklist?.boxes ?? [];
  return boxes.filter((box) => box.verdict === verdict).map(({ id }) => id);
}

/** Boxes that name an observation which no step made. */
export function gapsOf(report: Report): string[] {
  const boxes = report.checklist?.boxes ?? [];
  return boxes
    .filter(({ because }) => /did not observe|did not run/.test(because))
    .map(({ id, because }) => `${id} ${because}`);
}
