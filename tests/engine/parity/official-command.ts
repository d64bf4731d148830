// The official CLI, for the tests that compare the two engines.

import { onPath } from "../../../bench/on-path.ts";
import { officialVersion } from "../../../greenlight/engine.ts";

/** Full path of the `pulumi` on PATH; undefined, and said so, when there is none or it is the embedded engine itself. */
export function officialCommand(): string | undefined {
  const path = officialVersion() === undefined ? undefined : onPath("pulumi");
  if (!path) console.log("official engine: the Pulumi CLI is not on PATH, what needs it is skipped");
  return path;
}
