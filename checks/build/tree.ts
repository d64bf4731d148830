// The files of a release, looked through for secrets: by the patterns of a scanner that knows the forms of many kinds, and for the
// application's own secrets as they are. What is found is told by place and kind, never by value.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { BuildInputs } from "../build.ts";
import { type Observation, observe } from "../step/definition.ts";

type Scan = NonNullable<BuildInputs["scan"]>;

// Larger files are data or pictures; secrets stand in text that somebody wrote.
export const LARGEST_BYTES = 2 * 1024 * 1024;
// Shorter values occur by chance.
const SHORTEST_VALUE = 8;
const MOST_SHOWN = 5;
const PASSED_OVER = new Set(["node_modules", ".git", ".greenlight"]);

export interface TextFile {
  path: string;
  text: string;
}

/** Observations `secret-scan`, `secret-values` and `absent-files`. */
export async function judgeTree(scan: Scan, paths: string[]): Promise<Observation[]> {
  const names = paths.flatMap(filesBelow);
  const wanted = Object.keys(scan.values).length > 0;
  const forms = formsOf(scan.values);
  const files: TextFile[] = [];
  const places: string[] = [];
  for (const path of names) {
    const small = statSync(path).size <= LARGEST_BYTES;
    // A secret is looked for in files of any size and kind: a bundle holds what was built into it.
    if (!small && !wanted) continue;
    const bytes = readFileSync(path);
    places.push(...placesOf(forms, path, bytes));
    const text = small ? textIn(bytes) : undefined;
    if (text !== undefined) files.push({ path, text });
  }
  return [
    await judgePatterns(files, scan.accepted),
    ...(wanted ? [judgeValues(places, forms, names)] : []),
    ...(scan.absent.length > 0 ? [judgeAbsent(names, scan.absent)] : []),
  ];
}

async function judgePatterns(files: TextFile[], wanted: Scan["accepted"]): Promise<Observation> {
  const { open, accepted } = await findPatterns(files, wanted);
  const others = accepted > 0 ? `, ${accepted} accepted` : "";
  const observed = open.length === 0 ? `none in ${files.length} files${others}` : shown(open);
  return observe("secret-scan", open.length === 0 && files.length > 0, "no secret in any file", observed);
}

/** Places of what has the form of a secret, and how many others are accepted. */
export async function findPatterns(
  files: TextFile[],
  accepted: Scan["accepted"],
): Promise<{ open: string[]; accepted: number }> {
  const { lintSource } = await import("@secretlint/core");
  const { creator } = await import("@secretlint/secretlint-rule-preset-recommend");
  // It keeps every mark of every file and looks through all of them for each new one: of 2,000 files for more than a minute.
  const { secretLintProfiler } = await import("@secretlint/profiler");
  secretLintProfiler.mark = () => {};
  const id = "@secretlint/secretlint-rule-preset-recommend";
  const found: { file: string; rule: string; line: number }[] = [];
  for (const { path, text } of files) {
    const { messages } = await lintSource({
      source: { filePath: path, content: text, contentType: "text" },
      options: { noPhysicFilePath: true, config: { rules: [{ id, rule: creator }] } },
    });
    for (const { ruleId, loc } of messages)
      found.push({
        file: path,
        rule: ruleId.replace(/^@secretlint\/secretlint-rule-/, ""),
        line: loc.start.line,
      });
  }
  const open = found.filter(
    // Whole names: `config.ts` is not `prod-config.ts`.
    ({ file, rule }) => !accepted.some((one) => one.rule === rule && `/${file}`.endsWith(`/${one.file}`)),
  );
  return {
    open: open.map(({ file, rule, line }) => `${file}:${line} (${rule})`),
    accepted: found.length - open.length,
  };
}

function judgeValues(found: string[], forms: Form[], names: string[]): Observation {
  return observe(
    "secret-values",
    found.length === 0 && forms.length > 0 && names.length > 0,
    `none of the application's ${forms.length} secrets in any file, plain or in Base64`,
    found.length === 0 ? `none in ${names.length} files` : shown(found),
  );
}

/** A secret by its name, as it may be written. */
interface Form {
  name: string;
  written: Buffer[];
}

function formsOf(values: Scan["values"]): Form[] {
  return Object.entries(values)
    .filter(([, value]) => value.length >= SHORTEST_VALUE)
    .map(([name, value]) => {
      const plain = Buffer.from(value);
      const written = [plain, Buffer.from(plain.toString("base64")), Buffer.from(value, "utf16le")];
      return { name, written };
    });
}

/** Where a secret stands, by its name. */
export function findValues(files: { path: string; bytes: Buffer }[], values: Scan["values"]): string[] {
  const forms = formsOf(values);
  return files.flatMap(({ path, bytes }) => placesOf(forms, path, bytes));
}

function placesOf(forms: Form[], path: string, bytes: Buffer): string[] {
  return forms
    .filter(({ written }) => written.some((one) => bytes.includes(one)))
    .map(({ name }) => `${name} in ${path}`);
}

function judgeAbsent(names: string[], absent: string[]): Observation {
  const patterns = absent.map(
    (name) => new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`),
  );
  const found = names.filter((name) =>
    patterns.some((pattern) => pattern.test(name.split("/").at(-1) ?? "")),
  );
  return observe(
    "absent-files",
    found.length === 0 && names.length > 0,
    `no file ${absent.join(", ")}`,
    found.length === 0 ? `none among ${names.length} files` : shown(found),
  );
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => !PASSED_OVER.has(name))
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/** Undefined for what is no text. */
export function textIn(bytes: Buffer): string | undefined {
  // As PowerShell's `>` writes files: every other byte of plain words is 0.
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le");
  return bytes.includes(0) ? undefined : bytes.toString();
}

/** The first of many. */
export function shown(found: string[]): string {
  const more = found.length > MOST_SHOWN ? ` and ${found.length - MOST_SHOWN} more` : "";
  return `${found.slice(0, MOST_SHOWN).join(", ")}${more}`;
}
