// Builds a static site: every asset is named after its content, so that it can be kept for ever and a page always gets the
// assets it was made with.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The site's files by path, e.g. `assets/main.0c1f2d3e.js`.
 * @param source folder of `index.html` and its assets
 * @throws when modules import each other in a circle.
 */
export async function buildSite(source: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(source)).filter((name) => name !== "index.html").sort();
  const contents = new Map<string, Buffer>();
  for (const name of names) contents.set(name, await readFile(join(source, name)));
  const built = new Map<string, { name: string; content: Buffer }>();
  // What a file refers to gets its name first, since that name is part of the file.
  const build = (name: string, path: readonly string[]): string => {
    const done = built.get(name);
    if (done) return done.name;
    if (path.includes(name)) throw new Error(`site "${name}": imports itself by way of ${path.join(", ")}`);
    const content = renamed(contents.get(name) ?? Buffer.alloc(0), names, (other) =>
      build(other, [...path, name]),
    );
    const digest = createHash("sha256").update(content).digest("hex").slice(0, 8);
    const hashed = name.replace(/(\.[a-z]+)$/, `.${digest}$1`);
    built.set(name, { name: hashed, content });
    return hashed;
  };
  for (const name of names) build(name, []);
  const index = renamed(await readFile(join(source, "index.html")), names, (name) => build(name, []));
  const assets = [...built.values()].map(({ name, content }): [string, Buffer] => [
    `assets/${name}`,
    content,
  ]);
  return new Map([["index.html", index], ...assets]);
}

/** References are `./name` in modules and `/assets/name` in the page. */
function renamed(content: Buffer, names: readonly string[], nameOf: (name: string) => string): Buffer {
  const text = content.toString("utf8");
  const referred = names.filter((name) => text.includes(`"./${name}"`) || text.includes(`"/assets/${name}"`));
  if (referred.length === 0) return content;
  const replaced = referred.reduce((rest, name) => {
    const hashed = nameOf(name);
    return rest
      .replaceAll(`"./${name}"`, `"./${hashed}"`)
      .replaceAll(`"/assets/${name}"`, `"/assets/${hashed}"`);
  }, text);
  return Buffer.from(replaced);
}

/** Puts the built site in place of what is in the folder, and says how large it is. */
export async function writeSite(files: Map<string, Buffer>, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(join(target, "assets"), { recursive: true });
  for (const [path, content] of files) await writeFile(join(target, path), content);
  const bytes = [...files.values()].reduce((sum, one) => sum + one.length, 0);
  console.log(`site: ${files.size} files, ${bytes} bytes`);
}
