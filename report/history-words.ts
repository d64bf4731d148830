// Releases over time in words, and as a table for a terminal.
import type { History, HistoryEntry } from "./history.ts";
import { counted, moment } from "./words.ts";

const UNITS = [
  { name: "d", seconds: 86_400 },
  { name: "h", seconds: 3600 },
  { name: "min", seconds: 60 },
  { name: "s", seconds: 1 },
] as const;

/** In its two largest units, e.g. `2 d 3 h`, `4 min 10 s`; `–` where it is not known. */
export function duration(total: number | null): string {
  if (total === null) return "–";
  if (total < 1) return "0 s";
  const first = UNITS.findIndex(({ seconds }) => total >= seconds);
  const [large, small] = UNITS.slice(first, first + 2);
  if (large === undefined || small === undefined) return `${Math.round(total)} s`;
  const rest = Math.floor((total % large.seconds) / small.seconds);
  return `${Math.floor(total / large.seconds)} ${large.name}${rest > 0 ? ` ${rest} ${small.name}` : ""}`;
}

export function percent(share: number | null): string {
  return share === null ? "–" : `${Math.round(share * 100)} %`;
}

/** How a run ended, e.g. `deployed`, `failed at smoke`, `went back to 1.0.0`. */
export function outcomeOf({ kind, result, failedStep, undoneBy, backTo }: HistoryEntry): string {
  const at = failedStep === null ? "" : ` at ${failedStep}`;
  if (kind === "rollback")
    return result === "failed" ? `rollback failed${at}` : `went back to ${backTo ?? "an earlier release"}`;
  if (kind === "stopped") return `stopped${at}, nothing changed`;
  if (result === "failed") return `failed${at}`;
  if (undoneBy !== null) return "deployed, undone later";
  return kind === "proof" ? "proven again" : "deployed";
}

/** The figures, then the runs, newest first. */
export function renderHistoryTable({ dora, releases, system, stack, from, to }: History): string {
  const { deployments, perWeek, lead, changeFailure, restore } = dora;
  const open = restore.open > 0 ? `, ${restore.open} not over yet` : "";
  const figures = [
    ["deployment frequency", `${Number(perWeek.toPrecision(2))} a week`, counted(deployments, "deployment")],
    ["lead time for changes", duration(lead.medianSeconds), `median of ${counted(lead.commits, "commit")}`],
    ["change failure rate", percent(changeFailure.rate), `${changeFailure.failed} failed or undone`],
    [
      "time to restore",
      duration(restore.medianSeconds),
      `median of ${counted(restore.ended, "failure")}${open}`,
    ],
  ];
  const rows = releases
    .toReversed()
    .map((entry) => [
      moment(entry.recordedAt),
      entry.release,
      outcomeOf(entry),
      duration(entry.durationSeconds),
      duration(entry.leadSeconds),
      duration(entry.restoredAfterSeconds),
    ]);
  const head = ["recorded", "release", "what", "duration", "lead time", "restored after"];
  const title = `${system} on ${stack}, ${from.slice(0, 10)} to ${to.slice(0, 10)}`;
  return `${title}\n\n${columns(figures)}\n\n${columns([head, ...rows])}\n`;
}

function columns(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd())
    .join("\n");
}
