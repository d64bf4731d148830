// What a rollback will do, in words, from the records: per part its inverse and how long it is likely to take. What the database
// loses is said by the preview, which can ask it. Pure.
import type { RecordDocument } from "../../checks/record/document.ts";
import { manifestOf } from "../../checks/record/restored.ts";
import type { Choice } from "../../checks/record/target.ts";
import { seconds } from "../../report/timeline.ts";

export function planLines({ target, undone }: Choice, restoreDatabase: boolean): string[] {
  const { document: to } = target;
  const from = undone?.document;
  const steps = Object.entries(to.steps);
  const took = (name: string) => to.steps[name]?.durationSeconds ?? 0;
  const expected = steps.reduce((sum, [name]) => sum + (name === "acceptance" ? 0 : took(name)), 0);
  return [
    `back to ${to.release} of ${to.recordedAt} (${target.key})`,
    ...(from
      ? [`undoes ${from.release} of ${from.recordedAt}${from.result === "failed" ? ", which failed" : ""}`]
      : []),
    ...(to.steps.release
      ? [
          `application: ${from?.release ?? "what runs now"} → ${to.release}, about ${seconds(took("release"))}`,
        ]
      : []),
    ...siteLine(to, from),
    ...databaseLine(to, from, restoreDatabase),
    "infrastructure and settings: as recorded; the preview below lists what changes",
    `expected duration: about ${seconds(expected)}, from the times of that release`,
    "cannot be undone: messages, webhooks and payments that left the system, and what others did with them",
  ];
}

function siteLine(to: RecordDocument, from: RecordDocument | undefined): string[] {
  if (!to.steps.site) return [];
  const wanted = manifestOf(to.steps.site.facts.manifest);
  const seen = manifestOf(from?.steps.site?.facts.manifest);
  const changed = Object.keys(wanted).filter((path) => wanted[path] !== seen[path]);
  return [`site: ${changed.length} of ${Object.keys(wanted).length} files as recorded, by digest`];
}

function databaseLine(to: RecordDocument, from: RecordDocument | undefined, restore: boolean): string[] {
  if (!to.database) return [];
  const way = restore ? "restored from the backup beside the live one" : "down files, newest first";
  return [
    `database: ${from?.database?.at ?? "what is there now"} → ${to.database.at ?? "no migration"}, ${way}`,
  ];
}
