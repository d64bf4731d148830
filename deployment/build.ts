// What is released, as its own tools judge it.
import { resolve } from "node:path";
import { Build } from "../checks/build.ts";
import { stepOptions } from "../checks/step/sequence.ts";
import { renamed } from "../infra/estate.ts";
import type { Stack } from "./stack.ts";

export function build(stack: Stack): void {
  const { settings, estate, sequence } = stack;
  const contents = settings.build?.contents ?? settings.release?.contents ?? [];
  if (!settings.build || contents.length === 0) return;
  const { directory, reportsDirectory, maximumAgeHours, reports, scan, git } = settings.build;
  const { secrets = {}, generated = {} } = settings.application ?? {};
  const names = Object.fromEntries(Object.keys({ ...secrets, ...generated }).map((name) => [name, name]));
  sequence.add(Build, "build", {
    contents: contents.map((path) => stack.path(path)),
    directory: stack.path(directory),
    reportsDirectory,
    maximumAgeHours,
    reports,
    scan: scan && {
      paths: scan.paths?.map((path) => stack.path(path)),
      accepted: scan.accepted,
      absent: scan.absent,
      values: scan.vault
        ? estate.application?.environment.apply((variables) => renamed(names, variables))
        : undefined,
    },
    git: git && {
      ...git,
      repository: git.repository === undefined ? undefined : resolve(settings.directory, git.repository),
    },
    ...stepOptions(settings.build),
  });
}
