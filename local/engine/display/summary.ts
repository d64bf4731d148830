// The sections after a run: diagnostics by resource, counts of resources, duration.
import type { EngineEvent, StepOp } from "../types.ts";
import { operationText, SUMMARY_ORDER } from "./operations.ts";

type Diagnostic = NonNullable<EngineEvent["diagnosticEvent"]>;

/** Name and type of a URN as the sections show them. */
export function splitUrn(urn: string): { type: string; name: string } {
  const [, , qualified = "", ...name] = urn.split("::");
  return { type: qualified.slice(qualified.lastIndexOf("$") + 1), name: name.join("::") };
}

/** `Diagnostics:` with one block for each resource; empty when nothing was said. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], stackUrn: string): string[] {
  const shown = diagnostics.filter((diagnostic) => !diagnostic.ephemeral);
  const blocks = Map.groupBy(shown, (diagnostic) => diagnostic.urn || stackUrn);
  if (blocks.size === 0) return [];
  const lines = ["Diagnostics:"];
  for (const [urn, messages] of blocks) {
    const { type, name } = splitUrn(urn);
    lines.push(`  ${type} (${name}):`);
    for (const { severity, message } of messages) {
      const prefix = ["error", "warning", "debug"].includes(severity) ? `${severity}: ` : "";
      for (const [index, line] of message.replace(/\n+$/, "").split("\n").entries()) {
        lines.push(`    ${index === 0 ? prefix : ""}${line}`.trimEnd());
      }
    }
    lines.push("");
  }
  return lines;
}

/** `Resources:` with the counts of the summary event. */
export function renderCounts(changes: { [op: string]: number }, errored: number, preview: boolean): string[] {
  const lines: string[] = [];
  let total = 0;
  for (const op of SUMMARY_ORDER) {
    const count = changes[op] ?? 0;
    if (count === 0 || op === "same") continue;
    total += count;
    lines.push(`    ${operationText(op).mark}${count} ${countWord(op, preview)}`);
  }
  const same = changes.same ?? 0;
  const ends = [lines.length > 1 ? `${total} changes` : "", same > 0 ? `${same} unchanged` : ""].filter(
    Boolean,
  );
  if (ends.length > 0) lines.push(`    ${ends.join(". ")}`);
  if (errored > 0) lines.push(`    ${errored} errored`);
  return ["Resources:", ...lines, ""];
}

function countWord(op: StepOp, preview: boolean): string {
  const { planned, done } = operationText(op);
  return preview ? `to ${planned || op}` : done || op;
}

/** `Duration:` in whole seconds, rounded up. */
export function renderDuration(seconds: number): string[] {
  const whole = Math.ceil(seconds);
  const minutes = Math.floor(whole / 60);
  return [`Duration: ${minutes > 0 ? `${minutes}m` : ""}${whole % 60}s`, ""];
}
