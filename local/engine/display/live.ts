// The table that a terminal shows while a run goes on: redrawn in place, replaced by the final sections.
import { stripVTControlCharacters } from "node:util";
import type { EngineEvent } from "../types.ts";
import { differenceText } from "./difference.ts";
import type { Display, DisplayOptions } from "./display.ts";
import { operationText, paint } from "./operations.ts";
import { isHidden, renderSections } from "./progress.ts";
import { type Row, RunRecord } from "./run-record.ts";
import { splitUrn } from "./summary.ts";

const INTERVAL_MILLISECONDS = 100;
const FRAMES = ["|", "/", "-", "\\"];

/** Size of the terminal, asked at each redraw. */
export interface Terminal {
  columns: number;
  rows: number;
}

/** A display that redraws itself ten times a second. */
export class LiveDisplay implements Display {
  readonly #options: DisplayOptions;
  readonly #record: RunRecord;
  readonly #terminal: () => Terminal;
  readonly #timer: NodeJS.Timeout;
  #drawn = 0;
  #frame = 0;
  #lastWords = new Map<string, string>();

  constructor(options: DisplayOptions, terminal: () => Terminal) {
    this.#options = options;
    this.#terminal = terminal;
    this.#record = new RunRecord(options.preview, options.stackUrn);
    options.write(`${options.headline}\n\n`);
    this.#timer = setInterval(() => this.#draw(), INTERVAL_MILLISECONDS);
    this.#timer.unref();
  }

  event(event: EngineEvent): void {
    this.#record.add(event);
    const said = event.diagnosticEvent;
    if (said) {
      const line = said.message.trim().split("\n").at(-1) ?? "";
      this.#lastWords.set(said.urn || this.#record.stackUrn, line);
    }
  }

  finish(): void {
    clearInterval(this.#timer);
    this.#erase();
    const rows = [...this.#record.rows.values()].filter((row) => !isHidden(row.metadata, this.#options));
    const lines = rows.map((row) => this.#line(row, false));
    this.#options.write([...lines, "", ...renderSections(this.#record, this.#options)].join("\n"));
    this.#options.write("\n");
  }

  #draw(): void {
    this.#frame++;
    const { columns, rows: height } = this.#terminal();
    const rows = [...this.#record.rows.values()].filter((row) => !isHidden(row.metadata, this.#options));
    // What is finished scrolls away first when the screen is too low for everything.
    const room = Math.max(1, height - 4);
    const running = rows.filter((row) => row.state === "running");
    const shown =
      rows.length <= room
        ? rows
        : [...rows.filter((row) => row.state !== "running"), ...running].slice(-room);
    this.#erase();
    const lines = shown.map((row) => clip(this.#line(row, true), columns));
    this.#options.write(lines.map((line) => `${line}\n`).join(""));
    this.#drawn = lines.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#options.write(`\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
  }

  #line(row: Row, live: boolean): string {
    const { type, name } = splitUrn(row.urn);
    const { mark, planned, running, done, color } = operationText(row.metadata.op);
    const seconds = row.state === "running" ? (performance.now() - row.startedAt) / 1000 : row.seconds;
    const words =
      row.state === "failed"
        ? `**${running || planned} failed**`
        : this.#options.preview
          ? planned
          : row.state === "running"
            ? `${running || "running"} (${Math.floor(seconds)}s)${live ? ` ${FRAMES[this.#frame % FRAMES.length]}` : ""}`
            : done && `${done} (${seconds.toFixed(seconds < 1 ? 2 : 0)}s)`;
    const parts = [
      ` ${paint(mark, color, this.#options.colored)} ${type}`,
      name,
      words,
      differenceText(row.metadata),
    ];
    const said = live && row.state === "running" ? this.#lastWords.get(row.urn) : undefined;
    return [...parts, said].filter(Boolean).join("  ");
  }
}

// A line that is too long loses its colours with its end.
function clip(line: string, columns: number): string {
  const bare = stripVTControlCharacters(line);
  return bare.length < columns ? line : bare.slice(0, columns - 1);
}
