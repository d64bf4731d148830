// Writes a report for people and for machines.
import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { renderHtml } from "../report/html.ts";
import { renderJunit } from "../report/junit.ts";
import { renderMarkdown } from "../report/markdown.ts";
import type { Report } from "../report/report.ts";
import { makeFolder } from "./make-folder.ts";

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

/** Writes the report in every format and returns the paths, relative to the current folder. @throws naming the folder */
export async function saveReport(report: Report, directory?: string): Promise<string[]> {
  const files = Object.entries(FORMATS).map(
    ([format, render]) => [NAMES[format as Format], render(report)] as const,
  );
  return writeInto(directory ?? reportFolder(report.system), files);
}

/** The same after an update, whose verdict and what follows from it do not wait for a disk with space: that is a note. */
export async function keepReport(report: Report): Promise<string[]> {
  try {
    return await saveReport(report);
  } catch (error) {
    report.notes.push(error instanceof Error ? error.message : String(error));
    return [];
  }
}

/** Writes texts by name into a folder, which is made where it is missing. */
export async function writeInto(
  folder: string,
  files: readonly (readonly [name: string, text: string])[],
): Promise<string[]> {
  try {
    await makeFolder(folder);
    const paths = files.map(async ([name, text]) => {
      const path = join(folder, name);
      await writeFile(path, text);
      return relative(process.cwd(), path);
    });
    return await Promise.all(paths);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new Error(
      `report folder "${folder}": cannot be written to (${error.code}), want one that can; name it to greenlight report with --output`,
      { cause: error },
    );
  }
}
