// The official CLI, for the tests that compare the two engines.

import { onPath } from "../../../bench/on-path.ts";
import { officialVersion } from "../../../greenlight/engine.ts";

/** Full path of the `pulumi` on PATH; undefined when there is none or it is the embedded engine itself. */
export function officialCommand(): string | undefined {
  return officialVersion() === undefined ? undefined : onPath("pulumi");
}
