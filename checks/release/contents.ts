// Fingerprint of files that belong to a release, so that a change of them is a new release even under the same version.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * SHA-256 over names and bytes of the files at and below the paths, hex; installed packages are left out.
 * @throws when a path does not exist
 */
export function digestOfContents(paths: string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) {
    hash.update(`\0path\0`);
    for (const file of filesOf(path, "")) {
      const bytes = readFileSync(join(path, file));
      hash.update(`${file}\0${bytes.length}\0`).update(bytes);
    }
  }
  return hash.digest("hex");
}

/** Names from the root, in a fixed order; the empty name is the root itself, when it is a file. */
function filesOf(root: string, name: string): string[] {
  const path = join(root, name);
  if (!statSync(path).isDirectory()) return [name];
  return readdirSync(path)
    .filter((entry) => entry !== "node_modules" && entry !== ".git")
    .sort()
    .flatMap((entry) => filesOf(root, name === "" ? entry : `${name}/${entry}`));
}
