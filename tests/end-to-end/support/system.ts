// One example system on services of its own, deployed as `npm run demo` does it, and what a wrong release takes away from its
// checklist.
import { join } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { deploy } from "../../../greenlight/deployment.ts";
import { engine } from "../../../greenlight/engine.ts";
import { projectRoot } from "../../../local/services/layout.ts";
import { servicesEnvironment, startServices } from "../../../local/services/services.ts";
import type { Report } from "../../../report/report.ts";
import { directoryVariable } from "../../support/services.ts";

export type System = Awaited<ReturnType<typeof startSystem>>;

/** @param name a folder of examples/ */
export async function startSystem(name: string) {
  const directory = join(projectRoot, "examples", name);
  // A set of its own, since a deployment owns names that only one stack can have.
  const services = await startServices({ directory: `${process.env[directoryVariable]}.${name}` });
  const environment = servicesEnvironment(services);
  const used = await engine("embedded");
  return {
    /** One deployment of the local stack, with parts of the application wrong. */
    release: (faults: readonly string[] = []): Promise<Report> =>
      deploy({
        engine: used,
        directory,
        stack: "local",
        environment: { ...environment, GREENLIGHT_DEMO_FAULTS: faults.join(",") },
        retry: `npm run demo -- ${name}`,
        onPreview: () => {},
        onPlanned: () => {},
        onUpdate: () => {},
      }),
    async destroy(): Promise<void> {
      const stack = await LocalWorkspace.selectStack(
        { stackName: "local", workDir: directory },
        { pulumiCommand: used.command, envVars: environment },
      );
      await stack.destroy();
    },
  };
}

/** Boxes of a verdict, by number. */
export function boxesOf(report: Report, verdict: string): string[] {
  const boxes = report.checklist?.boxes ?? [];
  return boxes.filter((box) => box.verdict === verdict).map(({ id }) => id);
}

/** Observations that boxes name and that a step which ran did not make. */
export function gapsOf(report: Report): string[] {
  const boxes = report.checklist?.boxes ?? [];
  return boxes
    .filter(({ because }) => /did not observe/.test(because))
    .map(({ id, because }) => `${id} ${because}`);
}

/** Boxes that were proven and are not any more because of what was seen; not those whose step was not reached. */
export function untickedBy(wrong: Report, right: Report): string[] {
  const proven = new Set(boxesOf(right, "proven"));
  const boxes = wrong.checklist?.boxes ?? [];
  const seen = boxes.filter(
    ({ id, verdict, because }) =>
      proven.has(id) && verdict === "open" && /#\S+ (failed|inconclusive)/.test(because),
  );
  return seen.map(({ id }) => id);
}
