// A rollback's plan as a person reads it.
import type { Console } from "../console.ts";
import type { Progression } from "../progress.ts";

export function showPlan(shown: Console, lines: string[], preview: Progression | undefined): void {
  shown.heading("rollback");
  for (const line of lines) shown.line(`    ${line}`);
  if (!preview) return;
  shown.heading("preview");
  shown.plan(preview.planned, preview.changes);
}
