// What the files of a site refer to: links, images, scripts and styles of HTML, imports of modules, addresses in styles.
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { percentDecoded } from "../percent-encoding.ts";
import { messageOf } from "../step/message.ts";
import type { SiteFile } from "./files.ts";

export interface Reference {
  /** File that refers. */
  from: string;
  /** Path on the site that it refers to, without leading slash, query and fragment. */
  to: string;
}

export interface References {
  found: Reference[];
  /** Scripts that cannot be read, e.g. `/main.js: Parse error @:1:9`: browsers cannot, either. */
  unreadable: string[];
}

/** All references within the site; those to other hosts are left out. */
export async function referencesOf(files: Pick<SiteFile, "path" | "file">[]): Promise<References> {
  const { Parser } = await import("htmlparser2");
  const { init, parse } = await import("es-module-lexer");
  await init;
  const unreadable: string[] = [];
  const inScript = (path: string, text: string) => {
    try {
      return inModule(text, parse);
    } catch (error) {
      unreadable.push(`/${path}: ${messageOf(error)}`);
      return [];
    }
  };
  const found = files.flatMap(({ path, file }) => {
    const text = () => readFileSync(file, "utf8");
    const targets = /\.html?$/.test(path)
      ? inHtml(text(), Parser)
      : /\.m?js$/.test(path)
        ? inScript(path, text())
        : path.endsWith(".css")
          ? inStyles(text())
          : [];
    return targets.flatMap((target) => resolve(path, target));
  });
  return { found: [...new Map(found.map((r) => [`${r.from}\0${r.to}`, r])).values()], unreadable };
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
  const normal = posix.normalize(absolute);
  // As browsers take it: a `%` that begins no character is one.
  const name = (percentDecoded(normal) ?? normal).slice(1);
  return [{ from, to: name === "" || name.endsWith("/") ? `${name}index.html` : name }];
}
