// The project that a command is about, found from where it is run, as `pulumi` finds it.
import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const NAMES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/** Folder of Pulumi.yaml: this one, or the nearest above it. @throws when this is no folder, or no project's */
export function projectFolder(from: string): string {
  // A name with a slip in it must not lead to the project above.
  if (!statSync(from, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`folder "${from}": is not there, want the folder of a Pulumi.yaml; correct --cwd`);
  for (let at = from; ; at = join(at, "..")) {
    if (NAMES.some((name) => existsSync(join(at, name)))) return at;
    if (resolve(at) === resolve(at, ".."))
      throw new Error(
        `folder "${from}": no Pulumi.yaml in it or above it, want one; run this in a project's folder or name it with --cwd`,
      );
  }
}
