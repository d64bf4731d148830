// The version a local provider reports: that of the npm package whose resource classes it serves.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** @param name npm package, e.g. `@pulumi/aws` */
export function packageVersion(name: string): string {
  const { version }: { version: string } = require(`${name}/package.json`);
  return version;
}
