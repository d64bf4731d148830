// Writes a report for people and for machines.
import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { renderHtml } from "../report/html.ts";
import type { Report } from "../report/report.ts";

/** Writes report.html and report.json and returns their paths, relative to the current folder. */
export async function saveReport(report: Report, directory?: string): Promise<string[]> {
  const folder = directory ?? join(process.cwd(), ".greenlight", "reports", report.system);
  await mkdir(folder, { recursive: true });
  const files = { "report.html": renderHtml(report), "report.json": `${JSON.stringify(report, null, 2)}\n` };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return Object.keys(files).map((name) => relative(process.cwd(), join(folder, name)));
}
