// Paths of the settings, which start at the project's folder, as the program reads them, which may run in another one.
import { isAbsolute, join, relative } from "node:path";
import type { Settings } from "./settings.ts";

/** A path of the settings from the program's folder, so that it is the same on every machine. */
export function pathOf({ directory }: Pick<Settings, "directory">, path: string): string {
  if (isAbsolute(path)) return path;
  return relative(process.cwd(), join(directory, path)) || ".";
}
