// The report as a Markdown summary for a pull request or a CI job's page: verdict, what failed and why, steps, boxes. Short, since
// a comment takes 65,536 characters on GitHub; the evidence is in report.html.
import { VERDICTS } from "./checklist.ts";
import { text } from "./markdown-text.ts";
import type { Report } from "./report.ts";
import { observed, type StepReport } from "./steps.ts";
import { seconds } from "./timeline.ts";

const SIGNS: { [result: string]: string } = {
  passed: "✅",
  proven: "✅",
  failed: "❌",
  inconclusive: "❔",
  incomplete: "❔",
  notRun: "⏸️",
  notApplicable: "➖",
};
const MOST_FAILURES = 20;

export function renderMarkdown(report: Report): string {
  const title = `## ${SIGNS[report.verdict]} ${text(report.system)} ${text(report.release)} on ${text(report.stack)}: ${report.verdict}`;
  const parts = [title, facts(report), failures(report), steps(report), boxes(report), next(report)];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function facts(report: Report): string {
  const changes = Object.entries(report.changes).map(([operation, number]) => `${number} ${operation}`);
  const changed = changes.length > 0 ? `, ${changes.join(", ")}` : "";
  return `${report.startedAt}, ${seconds(report.durationSeconds)}, ${text(report.engine)}${changed}`;
}

function failures(report: Report): string {
  const lines = report.errors.slice(0, MOST_FAILURES).map((error) => `- ${text(error)}`);
  const rest = report.errors.length - lines.length;
  if (rest > 0) lines.push(`- and ${rest} more`);
  return lines.length === 0 ? "" : `### Why\n\n${lines.join("\n")}`;
}

function steps(report: Report): string {
  const rows = report.steps.map(
    (step) =>
      `| ${SIGNS[step.result] ?? ""} ${text(step.name)} | ${took(step)} | ${step.result === "notRun" ? "not run" : observed(step.observations)} |`,
  );
  return ["| Step | Time | Evidence |", "|---|---:|---|", ...rows].join("\n");
}

function took({ durationSeconds, ran }: StepReport): string {
  if (durationSeconds === undefined) return "";
  return `${seconds(durationSeconds)}${ran ? "" : ", earlier"}`;
}

function boxes(report: Report): string {
  if (!report.checklist) return "";
  const { counts, title } = report.checklist;
  const told = VERDICTS.filter((verdict) => counts[verdict] > 0).map(
    (verdict) => `${counts[verdict]} ${verdict}`,
  );
  return `**${text(title)}**: ${counts.total} boxes, ${told.join(", ")}`;
}

function next(report: Report): string {
  return report.next === undefined ? "" : `Next: \`${report.next.replaceAll("`", "'")}\``;
}
