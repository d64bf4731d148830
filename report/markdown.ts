// The report as a Markdown summary for a pull request or a CI job's page: verdict, what failed and why, steps, boxes. Short, since
// a comment takes 65,536 characters on GitHub; the evidence is in report.html.
import { VERDICTS } from "./checklist.ts";
import { listsOf } from "./differences.ts";
import { text, textLines } from "./markdown-text.ts";
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
const MOST_CHANGES = 10;
const MOST_SIGNED = 40;

export function renderMarkdown(report: Report): string {
  const title = `## ${SIGNS[report.verdict]} ${text(report.system)} ${text(report.release)} on ${text(report.stack)}: ${report.verdict}`;
  const parts = [
    title,
    facts(report),
    failures(report),
    steps(report),
    boxes(report),
    differences(report),
    signOffs(report),
    wayBack(report),
    next(report),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function facts(report: Report): string {
  const changes = Object.entries(report.changes).map(([operation, number]) => `${number} ${operation}`);
  const changed = changes.length > 0 ? `, ${changes.join(", ")}` : "";
  return `${report.startedAt}, ${seconds(report.durationSeconds)}, ${text(report.engine)}${changed}`;
}

function failures(report: Report): string {
  const told = textLines(report.errors);
  const lines = told.slice(0, MOST_FAILURES).map((line) => `- ${line}`);
  const rest = told.length - lines.length;
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

function differences({ differences: since }: Report): string {
  if (since === undefined || since === null) return "";
  const lines = listsOf(since).flatMap(({ title, changes }) => {
    if (changes === null || changes.length === 0) return [];
    const shown = changes.slice(0, MOST_CHANGES).map(({ name, from, to }) => {
      const was = from === null ? "new" : to === null ? "gone" : `${text(from)} → ${text(to)}`;
      return `${text(name)} (${was})`;
    });
    const rest = changes.length - shown.length;
    return `- ${title}: ${shown.join(", ")}${rest > 0 ? `, and ${rest} more` : ""}`;
  });
  const told = lines.length === 0 ? "Nothing." : lines.join("\n");
  return `### Different from ${text(since.since.release)} of ${since.since.recordedAt}\n\n${told}`;
}

function signOffs({ signOffs: { signed, missing } }: Report): string {
  const lines = [
    ...signed.map(
      ({ role, person, decision, signedAt }) =>
        `- ${text(role)}: ${text(decision)}, ${text(person)} at ${signedAt}`,
    ),
    ...missing.map(({ role, gate }) => `- ${text(role)}: still to sign (${text(gate)})`),
  ];
  const shown = lines.slice(0, MOST_SIGNED);
  const rest = lines.length - shown.length;
  if (rest > 0) shown.push(`- and ${rest} more`);
  return lines.length === 0 ? "" : `### Sign-offs\n\n${shown.join("\n")}`;
}

function wayBack({ wayBack: way }: Report): string {
  const command = way?.commands.at(0)?.command;
  if (way?.target == null || command === undefined) return "";
  return `### The way back\n\nTo ${text(way.target.release)}: \`${command.replaceAll("`", "'")}\``;
}

function next(report: Report): string {
  return report.next === undefined ? "" : `Next: \`${report.next.replaceAll("`", "'")}\``;
}
