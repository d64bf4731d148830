// What follows when rollback triggers came true: an immediate one is followed where people said so beforehand, all others
// are told with their figures and commands.
import { decisionLine, type Fired } from "../../checks/triggers/fired.ts";
import { rollback } from "../../infra/settings/sections/rollback.ts";
import type { Report } from "../../report/report.ts";
import type { Console } from "../console.ts";
import { inFolder } from "../in-folder.ts";
import { type StackFile, sectionOf } from "../stack-file.ts";
import { type RollbackOptions, rollBack } from "./run.ts";
import { showPlan } from "./show.ts";

/** `greenlight:rollback` of the stack, with its defaults where it has none. */
export function wayBackOf(file: StackFile) {
  return sectionOf(file, "rollback", rollback()) ?? rollback().parse({});
}

/**
 * @param automatic whether an immediate trigger is followed
 * @param told what people read already
 * @returns the report of the rollback; undefined where nothing was rolled back
 * @throws when there is no way back, saying what is missing
 */
export async function follow(
  fired: Fired[],
  automatic: boolean,
  shown: Console,
  options: Pick<RollbackOptions, "engine" | "directory" | "stack" | "environment">,
  told: string[] = [],
): Promise<Report | undefined> {
  const immediate = fired.filter(({ kind }) => kind === "immediate");
  for (const one of fired) {
    // A step cannot know from where the command was run, so what it said fits in the project's folder alone.
    const line = decisionLine(one, options.stack, inFolder(options.directory));
    if (!told.some((text) => text.includes(line))) shown.line(`    ${line}`);
  }
  if (!automatic || immediate.length === 0) return undefined;
  shown.heading(`goes back: ${immediate.map(({ name }) => name).join(", ")}`);
  return rollBack({
    ...options,
    restoreDatabase: false,
    automatic: true,
    async onPlan(lines, preview) {
      showPlan(shown, lines, preview);
      shown.heading("up");
      return true;
    },
    onUpdate: (progress) => shown.progress(progress),
  });
}
