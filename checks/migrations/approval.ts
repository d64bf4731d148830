// Decides whether pending files may run, by what lint found in them, and says it to the operator.
import type { Client } from "pg";
import { type LintContext, tableFacts } from "./lint/context.ts";
import { type FileReport, lint } from "./lint/lint.ts";
import type { Finding } from "./lint/rule.ts";
import { excerpt, type Script } from "./script.ts";

export interface ApprovalOptions {
  /** Names of rules and severities whose findings stop the release. */
  failOn: string[];
  statementTimeoutSeconds: number;
}

/** For `migrateUp`: throws before anything runs, with every finding that stops the release. */
export function approval(options: ApprovalOptions): (scripts: Script[], client: Client) => Promise<void> {
  return async (scripts, client) => {
    const { statementTimeoutSeconds } = options;
    requireNoStoppers(
      lint(scripts, { tables: await tableFacts(client), statementTimeoutSeconds }),
      options.failOn,
    );
  };
}

/** Lines of a preview. @throws as {@link approval} */
export function approvedLines(scripts: Script[], context: LintContext, failOn: string[]): string[] {
  const reports = lint(scripts, context);
  requireNoStoppers(reports, failOn);
  return reports.flatMap(linesOf);
}

function requireNoStoppers(reports: FileReport[], failOn: string[]): void {
  const stoppers = reports.flatMap(({ findings }) => findings).filter((finding) => stops(finding, failOn));
  if (stoppers.length === 0) return;
  const shown = stoppers.map(
    (finding) =>
      `${render(finding)}${finding.rule === "syntax" ? "" : `, or accept it with -- greenlight: allow ${finding.rule} REASON`}`,
  );
  throw new Error(`nothing was run: ${shown.join("; ")}`);
}

export function stops(finding: Finding, failOn: string[]): boolean {
  if (finding.allowed !== undefined) return false;
  return failOn.includes(finding.rule) || failOn.includes(finding.severity);
}

function linesOf({ script, findings, locks }: FileReport): string[] {
  const mode = script.transactional ? "one transaction" : "no transaction";
  const count = script.statements.length;
  const held = locks.map((lock) => `${lock.mode} on ${lock.table}`).join(", ") || "none on existing tables";
  const told = findings.filter((finding) => finding.severity !== "notice");
  const notices = [...new Set(findings.filter((f) => f.severity === "notice").map((f) => f.rule))];
  return [
    `${script.file.path}: ${count} ${count === 1 ? "statement" : "statements"}, ${mode}; locks: ${held}${notices.length > 0 ? `; notices: ${notices.join(", ")}` : ""}`,
    ...told.map((finding) => `  ${render(finding)}`),
  ];
}

/** `0004_x.sql:3: error index-not-concurrent: …; …` */
export function render(finding: Finding): string {
  const { file, line, severity, rule, message, fix, allowed } = finding;
  const end = allowed === undefined ? fix : `allowed: ${excerpt(allowed)}`;
  return `${file}:${line}: ${severity} ${rule}: ${message}; ${end}`;
}
