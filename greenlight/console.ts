// What a person sees of a deployment while it runs: a line for each step, and on a terminal two live lines below them. Where there is
// no terminal nothing is drawn twice and nothing moves.
import { type Counts, VERDICTS } from "../report/checklist.ts";
import type { Report } from "../report/report.ts";
import { seconds } from "../report/timeline.ts";
import { sumOf } from "./examples.ts";
import { type LiveState, liveLines, liveState } from "./live.ts";
import type { PlannedStep, Progress } from "./progress.ts";

export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

const REDRAW_MILLISECONDS = 250;
const COLUMNS = 80;
const COLOURS: { [sign: string]: string } = { "✓": "32", "✗": "31", "!": "33" };

export class Console {
  readonly #out: Output;
  readonly #state: LiveState = liveState([], {}, Date.now());
  /** Live lines that stand on the terminal. */
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(out: Output) {
    this.#out = out;
  }

  line(text = ""): void {
    this.#clear();
    this.#out.write(`${text}\n`);
    if (this.#timer) this.#draw();
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
    const state = this.#state;
    switch (progress.event) {
      case "planned": {
        const changing = progress.steps.filter(({ op }) => op !== "same").map(({ name }) => name);
        Object.assign(state, liveState(changing, progress.expected, Date.now()));
        this.#live();
        break;
      }
      case "resource":
        state.resources = progress.done;
        state.said = progress.name;
        this.#live();
        break;
      case "step-started":
        this.#infrastructure();
        state.running = { name: progress.name, since: Date.now() };
        state.said = "";
        this.#mark(progress.name, "running");
        this.#live();
        break;
      case "step-unchanged":
        this.#infrastructure();
        this.#mark(progress.name, "done");
        this.line(mark("=", progress.name, "unchanged, earlier evidence holds"));
        break;
      case "step-finished": {
        const { passed, accepted, name, proved, durationSeconds } = progress;
        const sign = !passed ? "✗" : accepted.length > 0 ? "!" : "✓";
        if (state.running?.name === name) state.running = undefined;
        state.said = "";
        this.#mark(name, "done");
        this.line(this.#coloured(sign, mark(sign, name, proved, durationSeconds)));
        for (const line of accepted) this.line(indent(`accepted: ${line}`));
        break;
      }
      case "warning":
        this.line(`    warning: ${progress.text}`);
        break;
      case "line":
        state.said = progress.text.replace(/\s+/g, " ");
        this.#live();
        break;
    }
  }

  summary(report: Report, files: string[]): void {
    this.end();
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
    for (const { told, channel, event, observed } of report.notices)
      if (!told) this.line(`    not told: ${channel} of ${event}: ${observed}`);
    for (const note of report.notes) this.line(`    note: ${note}`);
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

  /** Nothing moves any more. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#clear();
  }

  #infrastructure(): void {
    const { resources } = this.#state;
    if (resources === 0) return;
    this.#state.resources = 0;
    this.line(this.#coloured("✓", mark("✓", "infrastructure", `${resources} resources`)));
  }

  #mark(name: string, state: "running" | "done"): void {
    for (const step of this.#state.steps) if (step.name === name) step.state = state;
  }

  /** Draws now and then again and again, so that the times go on while nothing is told. */
  #live(): void {
    if (!this.#out.isTTY) return;
    this.#timer ??= setInterval(() => this.#draw(), REDRAW_MILLISECONDS).unref();
    this.#draw();
  }

  #draw(): void {
    this.#clear();
    const lines = liveLines(this.#state, Date.now(), this.#out.columns ?? COLUMNS);
    if (lines.length > 0) this.#out.write(lines.join("\n"));
    this.#drawn = lines.length;
  }

  #clear(): void {
    if (this.#drawn === 0) return;
    const up = this.#drawn > 1 ? `\u001b[${this.#drawn - 1}A` : "";
    this.#out.write(`\r${up}\u001b[J`);
    this.#drawn = 0;
  }

  /** The sign in colour, where a terminal shows it and nobody minds (no-color.org). */
  #coloured(sign: string, line: string): string {
    const wanted = this.#out.isTTY && !process.env.NO_COLOR;
    return wanted ? line.replace(sign, `\u001b[${COLOURS[sign]}m${sign}\u001b[0m`) : line;
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
  return `  ${sign} ${name.padEnd(16)}${took.padEnd(Math.max(10, took.length + 2))}${words}`.trimEnd();
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
