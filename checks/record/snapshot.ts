// The project as it was deployed: one object that holds every file that a rollback needs, kept beside the records under the digest
// of its content. Says nothing about what the files do.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";

const LARGEST_BYTES = 200 * 1024 * 1024;

const snapshot = () =>
  z.strictObject({
    version: z.literal(1),
    /** The project's folder from the program's. */
    project: z.string(),
    /** By path from the program's folder. */
    files: z.record(z.string(), z.strictObject({ base64: z.string(), executable: z.boolean() })),
  });
export type Snapshot = z.output<ReturnType<typeof snapshot>>;

/**
 * The files of a project: all of its folder but installed packages and folders whose name begins with a dot, and other paths
 * that belong to the release. A link within the program's folder is kept as what it leads to; one that leads out of it is not.
 * @param program the folder that paths are relative to
 * @throws when a path lies outside the program's folder, or all files together are too large
 */
export function takeSnapshot(program: string, project: string, others: string[]): Snapshot {
  const files: Snapshot["files"] = {};
  let bytes = 0;
  for (const root of [project, ...others]) {
    for (const file of filesOf(root, [program, root])) {
      const path = relative(program, file);
      if (path.startsWith("..") || isAbsolute(path))
        throw new Error(`snapshot: ${path} lies outside the program's folder; move it there`);
      const content = readFileSync(file);
      bytes += content.length;
      if (bytes > LARGEST_BYTES)
        throw new Error(
          `snapshot: ${root} holds more than ${LARGEST_BYTES / 1024 / 1024} MiB; keep what is not deployed elsewhere`,
        );
      files[path] = {
        base64: content.toString("base64"),
        executable: (statSync(file).mode & 0o100) !== 0,
      };
    }
  }
  return { version: 1, project: relative(program, project) || ".", files };
}

/** The object's bytes and the digest that names it. */
export async function packSnapshot(taken: Snapshot): Promise<{ bytes: Buffer; sha256: string }> {
  const text = canonicalJson(taken);
  return {
    bytes: await promisify(gzip)(text),
    sha256: createHash("sha256").update(text).digest("hex"),
  };
}

/** @throws when the bytes are not the snapshot with this digest */
export async function openSnapshot(bytes: Buffer, sha256: string): Promise<Snapshot> {
  const text = await promisify(gunzip)(bytes);
  const seen = createHash("sha256").update(text).digest("hex");
  if (seen !== sha256)
    throw new Error(`snapshot: digest is ${seen}, want ${sha256}; it is not what was deployed`);
  return snapshot().parse(JSON.parse(text.toString()));
}

/** @param roots folders whose files may be taken @param above real paths of the folders that this one was found in */
function filesOf(path: string, roots: string[], above: string[] = []): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const real = realpathSync(path);
  // A link to a folder that it lies in has no end.
  if (above.includes(real)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => isKept(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .filter((entry) => !entry.isSymbolicLink() || isWithin(join(path, entry.name), roots))
    .flatMap((entry) => filesOf(join(path, entry.name), roots, [...above, real]));
}

const isKept = (name: string) =>
  name !== "node_modules" && !(name.startsWith(".") && name !== ".env.example");

/** Whether a link leads to something that would be taken where it is: what it leads to is kept in its place. */
function isWithin(link: string, roots: string[]): boolean {
  if (!existsSync(link)) return false;
  const real = realpathSync(link);
  return roots.some((root) => relative(realpathSync(root), real).split(sep).every(isKept));
}
