// `--diff`: every resource with the properties that change, as an indented tree of the resources.
import { STACK_TYPE } from "../core/urn.ts";
import type { EngineEvent, PropertyMap, StepMetadata } from "../types.ts";
import { isUnknown } from "../value-kinds.ts";
import type { Display, DisplayOptions } from "./display.ts";
import { operationText, paint } from "./operations.ts";
import { isHidden } from "./progress.ts";
import { RunRecord } from "./run-record.ts";
import { renderCounts, renderDiagnostics, renderDuration } from "./summary.ts";
import { diffLines, valueText } from "./values.ts";

/** A display of whole property changes. */
export class DiffDisplay implements Display {
  readonly #options: DisplayOptions;
  readonly #record: RunRecord;
  readonly #depths = new Map<string, number>();
  readonly #shown = new Set<string>();

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#record = new RunRecord(options.preview, options.stackUrn);
    options.write(`${options.headline}\n\n`);
  }

  event(event: EngineEvent): void {
    const row = this.#record.add(event);
    const metadata = row?.metadata;
    if (!metadata || event.resOpFailedEvent) return;
    // Old and new are complete before a step for a preview, and after it for a real run; deletions say all before.
    const begins = event.resourcePreEvent !== undefined;
    const isStack = metadata.type === STACK_TYPE;
    const when = isStack || metadata.op.startsWith("delete") || metadata.op === "replace" ? begins : !begins;
    const id = `${metadata.op} ${metadata.urn}`;
    if (!when || this.#shown.has(id) || isHidden(metadata, { ...this.#options, showReads: true })) return;
    if (!metadata.logical && metadata.op !== "read") return;
    this.#shown.add(id);
    this.#options.write(`${this.#lines(metadata).join("\n")}\n`);
  }

  finish(): void {
    const { shownOutputs: outputs, summary } = this.#record;
    const { preview, showOutputs, write } = this.#options;
    const changed = outputs && showOutputs ? diffLines(outputs.before ?? {}, outputs.after, 2) : [];
    const sections = [
      ...(changed.length > 0 ? ["    --outputs:--", ...changed] : []),
      ...renderDiagnostics(this.#record.diagnostics, this.#record.stackUrn),
      ...(summary ? renderCounts(summary.resourceChanges, this.#record.errored, preview) : []),
      ...(summary && !preview ? renderDuration(summary.durationSeconds) : []),
    ];
    write(`${sections.join("\n")}\n`);
  }

  #lines(metadata: StepMetadata): string[] {
    const depth = this.#depthOf(metadata);
    const pad = " ".repeat(depth * 4);
    const { mark, planned, color } = operationText(metadata.op);
    const title = `${mark}${metadata.type}: (${planned || metadata.op})`;
    const head = `${pad}${paint(title, color, this.#options.colored)}`;
    const id = metadata.old?.id || metadata.new?.id;
    const known = id && !isUnknown(id) ? [`${pad}    [id=${id}]`] : [];
    if (metadata.type === STACK_TYPE) return [head, `${pad}    [urn=${metadata.urn}]`];
    return [head, ...known, `${pad}    [urn=${metadata.urn}]`, ...propertyLines(metadata, depth * 4 + 2)];
  }

  #depthOf({ urn, old, new: now }: StepMetadata): number {
    const parent = now?.parent || old?.parent || "";
    const depth = parent ? (this.#depths.get(parent) ?? 0) + 1 : 0;
    this.#depths.set(urn, depth);
    return depth;
  }
}

function propertyLines({ op, old, new: now }: StepMetadata, indent: number): string[] {
  if (op === "same" || op === "read") return [];
  const visible = ({ __provider, ...inputs }: PropertyMap): PropertyMap => inputs;
  if (old && now) {
    // A refresh is about what the resource became, everything else about what the program asks for.
    const [before, after] = op === "refresh" ? [old.outputs, now.outputs] : [old.inputs, now.inputs];
    const lines = diffLines(visible(before), visible(after), indent);
    const code =
      before.__provider !== after.__provider ? [`${" ".repeat(indent)}~ __provider: (changed)`] : [];
    return [...lines, ...code];
  }
  const inputs = visible((now ?? old)?.inputs ?? {});
  const width = Math.max(0, ...Object.keys(inputs).map((key) => key.length));
  return Object.entries(inputs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${" ".repeat(indent + 2)}${key.padEnd(width)}: ${valueText(value, indent + 2)}`);
}
