// Where the example lies, for its tests.
import { join } from "node:path";
import { projectRoot } from "../../../../local/services/layout.ts";

/** A path of the example. */
export function inExample(...path: string[]): string {
  return join(projectRoot, "examples", "hv-consultores", ...path);
}
