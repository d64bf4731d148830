// One line for each change of a resource: what a log or a pipe gets.
import type { EngineEvent, StepMetadata } from "../types.ts";
import type { Display, DisplayOptions } from "./display.ts";
import { operationText, paint } from "./operations.ts";
import { type Row, RunRecord } from "./run-record.ts";
import { renderCounts, renderDiagnostics, renderDuration, renderOutputs, splitUrn } from "./summary.ts";
import { CHANGE_MARKS, changedKeys } from "./values.ts";

/** A display that only ever appends lines. */
export class ProgressDisplay implements Display {
  readonly #options: DisplayOptions;
  readonly #record: RunRecord;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#record = new RunRecord(options.preview);
    options.write(`${options.headline}\n\n`);
  }

  event(event: EngineEvent): void {
    const row = this.#record.add(event);
    const line = row && rowLine(row, this.#record, this.#options);
    if (line) this.#options.write(`${line}\n`);
  }

  finish(): void {
    this.#options.write(`${renderSections(this.#record, this.#options).join("\n")}\n`);
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
  if (metadata.op === "same") return !options.showSames && metadata.type !== "pulumi:pulumi:Stack";
  if (metadata.op === "read") return !options.showReads;
  return metadata.op === "remove-pending-replace";
}

/** ` +  TYPE NAME creating (0s)`; undefined for what is not shown. */
export function rowLine(row: Row, record: RunRecord, options: DisplayOptions): string | undefined {
  const { metadata } = row;
  if (isHidden(metadata, options)) return undefined;
  // A replacement's logical step is over as soon as it is decided: one line.
  if (metadata.op === "replace" && row.state === "running" && !options.preview) return undefined;
  if (options.preview && row.state === "running") return undefined;
  const { type, name } = splitUrn(row.urn);
  const { mark, color } = operationText(metadata.op);
  const parts = [` ${paint(mark, color, options.colored)} ${type} ${name}`, statusText(row, options.preview)];
  if (row.state === "failed") parts.push(firstError(row.urn, record));
  else parts.push(differenceText(metadata));
  return parts.filter(Boolean).join(" ").trimEnd();
}

/** What is happening to a resource, in words. */
export function statusText(row: Row, preview: boolean): string {
  const { planned, running, done } = operationText(row.metadata.op);
  if (row.metadata.op === "same" && row.metadata.type === "pulumi:pulumi:Stack") {
    return row.state === "running" ? "running" : "";
  }
  if (row.state === "failed") return `**${running || planned} failed**`;
  if (preview) return planned;
  if (row.state === "running") return running && `${running} (0s)`;
  if (!done) return "";
  return row.metadata.op === "replace" ? done : `${done} (${row.seconds.toFixed(row.seconds < 1 ? 2 : 0)}s)`;
}

function firstError(urn: string, record: RunRecord): string {
  const error = record.diagnostics.findLast(
    (diagnostic) => diagnostic.severity === "error" && diagnostic.urn === urn,
  );
  return error ? `error: ${error.message.trim().split("\n")[0]}` : "";
}

/** `[diff: ~v,+w]`, empty when nothing is known to differ. */
export function differenceText({ op, old, new: now, diffs, keys, detailedDiff }: StepMetadata): string {
  if (!["update", "replace", "create-replacement", "refresh"].includes(op) || !old || !now) return "";
  const inputs = changedKeys(old.inputs, now.inputs);
  const outputs = changedKeys(old.outputs, now.outputs);
  const told = Object.entries(detailedDiff ?? {}).map(([path, { diffKind }]) => `${markOf(diffKind)}${path}`);
  const named = [...new Set([...(diffs ?? []), ...(keys ?? [])])].map(
    (key) => `${CHANGE_MARKS[inputs.get(key) ?? outputs.get(key) ?? "update"].trim() || "~"}${key}`,
  );
  const found = [...inputs]
    .filter(([, change]) => change !== "same")
    .map(([key, change]) => CHANGE_MARKS[change] + key);
  const shown = [told, named, found].find((list) => list.length > 0);
  const visible = shown?.filter((text) => !text.endsWith("__provider")) ?? [];
  if (visible.length === 0) return shown ? "[diff: ~__provider]" : "";
  return `[diff: ${visible.join(",")}]`;
}

function markOf(kind: string): string {
  if (kind.startsWith("add")) return "+";
  return kind.startsWith("delete") ? "-" : "~";
}
