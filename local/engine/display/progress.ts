// One line for each change of a resource: what a log or a pipe gets.
import { STACK_TYPE } from "../core/urn.ts";
import type { EngineEvent, StepMetadata } from "../types.ts";
import { differenceText } from "./difference.ts";
import type { Display, DisplayOptions } from "./display.ts";
import { operationText, paint } from "./operations.ts";
import { renderOutputs } from "./output-changes.ts";
import { type Row, RunRecord } from "./run-record.ts";
import { renderCounts, renderDiagnostics, renderDuration, splitUrn } from "./summary.ts";

type Diagnostic = NonNullable<EngineEvent["diagnosticEvent"]>;

/** A display that only ever appends lines. */
export class ProgressDisplay implements Display {
  readonly #options: DisplayOptions;
  readonly #record: RunRecord;
  /** The line of each resource that was printed last: the same is not said twice. */
  readonly #printed = new Map<string, string>();

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#record = new RunRecord(options.preview, options.stackUrn);
    options.write(`${options.headline}\n\n`);
  }

  event(event: EngineEvent): void {
    const said = event.diagnosticEvent;
    const row = this.#record.add(event) ?? (said && this.#record.rowOf(said.urn));
    if (!row) return;
    if (said) {
      if (said.severity !== "debug") this.#print(row, runningText(row, this.#options.preview), spoken(said));
    } else if (isShown(row, this.#options)) {
      const error = this.#record.saidOf(row.urn).findLast(({ severity }) => severity === "error");
      const why = row.state === "failed" && error ? spoken(error) : "";
      this.#print(row, statusText(row, this.#options.preview), why);
    }
  }

  finish(): void {
    // The stack is done when everything else is: its line says what was said about the run.
    const row = this.#record.rowOf(undefined);
    const said = countsText(this.#record.saidOf(this.#record.stackUrn));
    if (row && !isHidden(row.metadata, this.#options))
      this.#print(row, endText(row, said, this.#options), said);
    this.#options.write(`${renderSections(this.#record, this.#options).join("\n")}\n`);
  }

  #print({ urn, metadata }: Row, status: string, said: string): void {
    const { type, name } = splitUrn(urn);
    const { mark, color } = operationText(metadata.op);
    const info = [differenceText(metadata), said].filter(Boolean).join("; ");
    const head = ` ${paint(mark, color, this.#options.colored)} ${type} ${name}`;
    const line = `${head} ${status} ${info}`.trimEnd();
    if (this.#printed.get(urn) === line) return;
    this.#printed.set(urn, line);
    this.#options.write(`${line}\n`);
  }
}

/** The sections under the rows. */
export function renderSections(record: RunRecord, options: DisplayOptions): string[] {
  const { shownOutputs: outputs, summary } = record;
  return [
    ...renderDiagnostics(record.diagnostics, record.stackUrn),
    ...(outputs && options.showOutputs ? renderOutputs(outputs.before, outputs.after, record.preview) : []),
    ...(summary ? renderCounts(summary.resourceChanges, record.errored, record.preview) : []),
    ...(summary && !record.preview ? renderDuration(summary.durationSeconds) : []),
  ];
}

/** True for resources that a person did not write: default providers, and unchanged ones unless asked for. */
export function isHidden(metadata: StepMetadata, options: DisplayOptions): boolean {
  if (/::pulumi:providers:[^:]+::default(_|$)/.test(metadata.urn)) return true;
  if (metadata.op === "same") return !options.showSames && metadata.type !== STACK_TYPE;
  if (metadata.op === "read") return !options.showReads;
  return metadata.op === "remove-pending-replace";
}

/** False for steps of which nothing is said while they run. */
function isShown(row: Row, options: DisplayOptions): boolean {
  if (isHidden(row.metadata, options) || isUnchangedStack(row)) return false;
  if (row.state !== "running") return options.preview || row.metadata.type !== STACK_TYPE;
  // A replacement's logical step is over as soon as it is decided, and a preview's steps are: one line each.
  return !options.preview && row.metadata.op !== "replace";
}

function isUnchangedStack({ metadata }: Row): boolean {
  return metadata.op === "same" && metadata.type === STACK_TYPE;
}

/** What is happening to a resource, in words. */
function statusText(row: Row, preview: boolean): string {
  const { planned, running, done } = operationText(row.metadata.op);
  if (row.state === "failed") return `**${running || planned} failed**`;
  if (preview) return planned;
  if (row.state === "running") return running && `${running} (0s)`;
  if (!done) return "";
  return row.metadata.op === "replace" ? done : `${done} (${row.seconds.toFixed(row.seconds < 1 ? 2 : 0)}s)`;
}

function runningText(row: Row, preview: boolean): string {
  return isUnchangedStack(row) && row.state !== "untouched" ? "running" : statusText(row, preview);
}

function endText(row: Row, said: string, { preview }: DisplayOptions): string {
  if (isUnchangedStack(row)) return !preview && / errors?\b/.test(said) ? "**failed**" : "";
  return statusText(row, preview);
}

/** The first line of a message. */
function spoken({ severity, message }: Diagnostic): string {
  const prefix = severity === "error" || severity === "warning" ? `${severity}: ` : "";
  return `${prefix}${message.trim().split("\n")[0]}`;
}

const COUNTED = [
  ["error", ["error"]],
  ["warning", ["warning"]],
  ["message", ["info", "info#err"]],
] as const;

/** `1 error; 2 messages` */
function countsText(said: readonly Diagnostic[]): string {
  return COUNTED.flatMap(([word, severities]) => {
    const count = said.filter(({ severity }) => severities.some((one) => one === severity)).length;
    return count > 0 ? [`${count} ${word}${count === 1 ? "" : "s"}`] : [];
  }).join("; ");
}
