// What a person sees of a deployment while it runs: a line for each step, and one live line on a terminal.
import { type Counts, VERDICTS } from "../report/checklist.ts";
import type { Report } from "../report/report.ts";
import { seconds } from "../report/timeline.ts";
import { sumOf } from "./examples.ts";
import type { PlannedStep, Progress } from "./progress.ts";

export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
}

export class Console {
  readonly #out: Output;
  #live = false;
  #resources = 0;

  constructor(out: Output) {
    this.#out = out;
  }

  line(text = ""): void {
    this.#clear();
    this.#out.write(`${text}\n`);
  }

  heading(text: string): void {
    this.line();
    this.line(text);
  }

  plan(steps: PlannedStep[], changes: { [operation: string]: number }): void {
    for (const step of steps) {
      for (const line of step.plan) this.line(`    ${step.name}: ${line}`);
    }
    this.line(`    ${counted(changes)}`);
  }

  progress(progress: Progress): void {
    switch (progress.event) {
      case "resource":
        this.#resources = progress.done;
        this.#status(`infrastructure: ${progress.done} resources (${progress.name})`);
        break;
      case "step-started":
        this.#infrastructure();
        this.#status(`${progress.name} …`);
        break;
      case "step-unchanged":
        this.#infrastructure();
        this.line(mark("=", progress.name, "unchanged, earlier evidence holds"));
        break;
      case "step-finished": {
        const { passed, name, proved, durationSeconds } = progress;
        this.line(mark(passed ? "✓" : "✗", name, proved, durationSeconds));
        break;
      }
      case "warning":
        this.line(`    warning: ${progress.text}`);
        break;
      case "line":
        this.#status(progress.text.replace(/\s+/g, " "));
        break;
    }
  }

  summary(report: Report, files: string[]): void {
    this.heading(`${report.system} ${report.release} on ${report.stack}: ${report.verdict.toUpperCase()}`);
    for (const error of report.errors) this.line(indent(error));
    for (const step of report.steps) {
      if (step.result === "notRun") this.line(mark("·", step.name, "not run"));
    }
    const counts = report.checklist?.counts;
    if (counts) {
      const { total, ...verdicts } = counts;
      const named = Object.entries(verdicts).filter(([, number]) => number > 0);
      this.line(
        `    checklist: ${total} boxes, ${named.map(([name, number]) => `${number} ${name}`).join(", ")}`,
      );
    }
    for (const [name, value] of addressesOf(report.outputs)) this.line(`    ${name}: ${value}`);
    this.line(`    ${counted(report.changes)} in ${seconds(report.durationSeconds)}`);
    for (const file of files) this.line(`    report: ${file}`);
    if (report.next !== undefined) this.line(`    next: ${report.next}`);
  }

  /** One line for each system, and one for all of them. */
  table(reports: Report[]): void {
    this.heading(row("", ["result", "time", "boxes", ...VERDICTS]));
    for (const report of reports) {
      const counts = report.checklist?.counts ?? sumOf([]);
      const told = [report.verdict, seconds(report.durationSeconds), ...numbersOf(counts)];
      this.line(row(report.system, told));
    }
    const all = sumOf(reports.flatMap(({ checklist }) => checklist?.counts ?? []));
    const proven = reports.every(({ verdict }) => verdict === "proven") ? "proven" : "not proven";
    const spent = reports.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
    this.line(row("all", [proven, seconds(spent), ...numbersOf(all)]));
  }

  #infrastructure(): void {
    if (this.#resources === 0) return;
    this.line(mark("✓", "infrastructure", `${this.#resources} resources`));
    this.#resources = 0;
  }

  #status(text: string): void {
    if (!this.#out.isTTY) return;
    this.#clear();
    this.#out.write(`    ${text.slice(0, 100)}`);
    this.#live = true;
  }

  #clear(): void {
    if (this.#live) this.#out.write("\r\u001b[2K");
    this.#live = false;
  }
}

/** Outputs that are text, also those one level down, by their own name. */
function addressesOf(outputs: { [name: string]: unknown }): [string, string][] {
  return Object.entries(outputs).flatMap(([name, value]): [string, string][] => {
    if (typeof value === "string") return [[name, value]];
    return value !== null && typeof value === "object" && !Array.isArray(value)
      ? addressesOf({ ...value })
      : [];
  });
}

function mark(sign: string, name: string, words: string, durationSeconds?: number): string {
  const took = durationSeconds === undefined ? "" : seconds(durationSeconds).padStart(8);
  return `  ${sign} ${name.padEnd(16)}${took.padEnd(10)}${words}`.trimEnd();
}

function row(name: string, cells: string[]): string {
  return `    ${name.padEnd(26)}${cells.map((cell) => cell.padStart(Math.max(10, cell.length + 2))).join("")}`;
}

function numbersOf(counts: Counts): string[] {
  return [counts.total, ...VERDICTS.map((verdict) => counts[verdict])].map(String);
}

function counted(changes: { [operation: string]: number }): string {
  const named = Object.entries(changes).filter(([, number]) => number > 0);
  return named.length === 0
    ? "no changes"
    : named.map(([operation, number]) => `${number} ${operation}`).join(", ");
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
}
