// Files of the project that settings point to: what the schema and the rows of the database must be. Their faults are
// reported together with those of the stack file, each with its own file and line.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
// The formats belong to the checks that read them.
import { expectedValue } from "../../checks/rows/expected-value.ts";
import { expectedObjects } from "../../checks/schema/expected.ts";
import { probe } from "../../checks/schema/probe.ts";
import type { Fault } from "./faults.ts";

const kebab = () => z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be kebab-case");

/** Each file by the section whose `file` names it. */
export const projectFiles = {
  schema: () =>
    z.strictObject({
      schemas: z.array(z.string().min(1)).min(1).default(["public"]),
      ...expectedObjects(),
      probes: z.array(probe()).default([]),
    }),
  rows: () =>
    z.strictObject({
      queries: z
        .array(z.strictObject({ name: kebab(), sql: z.string().min(1), expect: expectedValue() }))
        .min(1),
    }),
};
type Files = typeof projectFiles;

/** The contents of the files that the stack has. */
export type ProjectFiles = { [Name in keyof Files]?: z.output<ReturnType<Files[Name]>> };

/** @param named the path of each file from the project's folder, by section */
export function readProjectFiles(
  directory: string,
  named: { [Name in keyof Files]?: string },
): { files: ProjectFiles; faults: Fault[] } {
  const read = Object.entries(projectFiles).map(([section, schema]) => {
    const path = Object.entries(named).find(([name]) => name === section)?.[1];
    return path === undefined ? undefined : { section, ...readOne(directory, section, path, schema()) };
  });
  const present = read.filter((one) => one !== undefined);
  return {
    files: Object.fromEntries(present.map(({ section, value }) => [section, value])),
    faults: present.flatMap(({ faults }) => faults),
  };
}

function readOne(
  directory: string,
  section: string,
  path: string,
  schema: z.ZodType,
): { value?: unknown; faults: Fault[] } {
  const text = textOf(resolve(directory, path));
  if (typeof text !== "string") {
    const found = `${text.reason} ${path}`;
    return {
      faults: [{ path: [`greenlight:${section}`, "file"], found, want: "one", next: "correct the path" }],
    };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntax] = document.errors;
  if (syntax) {
    const line = syntax.linePos?.[0].line ?? 1;
    const found = syntax.message.split("\n")[0] ?? "";
    return { faults: [{ path: [section], file: path, line, found, want: "YAML", next: "correct it" }] };
  }
  const result = schema.safeParse(document.toJS());
  const issues = result.error?.issues ?? [];
  return {
    value: result.data,
    faults: issues.map((issue) => {
      const node = nearestNode(document, issue.path);
      const line = node === undefined ? 1 : lines.linePos(node).line;
      const found = issue.code === "unrecognized_keys" ? issue.keys.join(", ") : "an entry";
      return { path: issue.path, file: path, line, found, want: issue.message, next: "correct it" };
    }),
  };
}

/** A file's text, or what is there instead of a file that can be read. */
function textOf(file: string): string | { reason: string } {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const reason = UNREADABLE.get(code);
    if (reason === undefined) throw error;
    return { reason };
  }
}

const UNREADABLE = new Map([
  ["ENOENT", "no file"],
  ["ENOTDIR", "no file"],
  ["EISDIR", "a folder and no file"],
  ["EACCES", "no file that this user may read,"],
]);

/** Where the value at the path begins, or the nearest part around it. */
function nearestNode(document: ReturnType<typeof parseDocument>, path: PropertyKey[]): number | undefined {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return undefined;
}
