// Writes a report for people and for machines.
import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { renderHtml } from "../report/html.ts";
import { renderJunit } from "../report/junit.ts";
import { renderMarkdown } from "../report/markdown.ts";
import type { Report } from "../report/report.ts";

/** A report as text, by format. */
export const FORMATS = {
  html: renderHtml,
  json: (report: Report) => `${JSON.stringify(report, null, 2)}\n`,
  junit: renderJunit,
  markdown: renderMarkdown,
};
export type Format = keyof typeof FORMATS;

const NAMES: { [format in Format]: string } = {
  html: "report.html",
  json: "report.json",
  junit: "report.junit.xml",
  markdown: "report.md",
};

/** Where reports go when no folder is named. */
export function reportFolder(system: string): string {
  return join(process.cwd(), ".greenlight", "reports", system);
}

/** Writes the report in every format and returns the paths of the page and the JSON, relative to the current folder. */
export async function saveReport(report: Report, directory?: string): Promise<string[]> {
  const folder = directory ?? reportFolder(report.system);
  await mkdir(folder, { recursive: true });
  const paths = Object.entries(FORMATS).map(async ([format, render]) => {
    const path = join(folder, NAMES[format as Format]);
    await writeFile(path, render(report));
    return relative(process.cwd(), path);
  });
  return Promise.all(paths);
}
