// What the files of a site refer to: links, images, scripts and styles of HTML, imports of modules, addresses in styles.
import { posix } from "node:path";
import type { SiteFile } from "./files.ts";

export interface Reference {
  /** File that refers. */
  from: string;
  /** Path on the site that it refers to, without leading slash, query and fragment. */
  to: string;
}

/** All references within the site; those to other hosts are left out. */
export async function referencesOf(files: SiteFile[]): Promise<Reference[]> {
  const { Parser } = await import("htmlparser2");
  const { init, parse } = await import("es-module-lexer");
  await init;
  const found = files.flatMap((file) => {
    const targets = /\.html?$/.test(file.path)
      ? inHtml(file.bytes.toString(), Parser)
      : /\.m?js$/.test(file.path)
        ? inModule(file.bytes.toString(), parse)
        : file.path.endsWith(".css")
          ? inStyles(file.bytes.toString())
          : [];
    return targets.flatMap((target) => resolve(file.path, target));
  });
  return [...new Map(found.map((r) => [`${r.from}\0${r.to}`, r])).values()];
}

const ATTRIBUTES = ["src", "href", "poster", "data-src"];

function inHtml(text: string, Parser: typeof import("htmlparser2").Parser): string[] {
  const targets: string[] = [];
  const parser = new Parser({
    onopentag(_name, attributes) {
      for (const name of ATTRIBUTES) if (attributes[name]) targets.push(attributes[name]);
      for (const part of attributes.srcset?.split(",") ?? []) targets.push(part.trim().split(/\s+/)[0] ?? "");
    },
  });
  parser.end(text);
  return targets;
}

/** Static and dynamic imports of a fixed path. */
function inModule(text: string, parse: typeof import("es-module-lexer").parse): string[] {
  const [imports] = parse(text);
  return imports.flatMap(({ specifier }) => (specifier && /^[./]/.test(specifier) ? [specifier] : []));
}

function inStyles(text: string): string[] {
  const urls = [...text.matchAll(/url\(\s*(?:"([^"]*)"|'([^']*)'|([^)\s]*))\s*\)/g)];
  return urls.map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

function resolve(from: string, target: string): Reference[] {
  const path = target.split(/[?#]/)[0] ?? "";
  if (path === "" || /^([a-z][a-z0-9+.-]*:|\/\/)/i.test(path)) return [];
  const absolute = path.startsWith("/") ? path : posix.join("/", posix.dirname(from), path);
  const decoded = decodeURI(posix.normalize(absolute)).slice(1);
  return [{ from, to: decoded === "" || decoded.endsWith("/") ? `${decoded}index.html` : decoded }];
}
