// What a rollback will do, in words, from the records: per part its inverse and how long it is likely to take. What the database
// loses is said by the preview, which can ask it. Pure.
import type { RecordDocument } from "../../checks/record/document.ts";
import { durationsOf, expectedSeconds } from "../../checks/record/duration.ts";
import { manifestOf } from "../../checks/record/restored.ts";
import type { Choice } from "../../checks/record/target.ts";
import { seconds } from "../../report/timeline.ts";

export function planLines({ target, undone }: Choice, restoreDatabase: boolean): string[] {
  const { document: to } = target;
  const from = undone?.document;
  const flags = flagsOf(to);
  const took = durationsOf(to);
  const about = (step: string) => (step in took ? `, about ${seconds(took[step] ?? 0)}` : "");
  return [
    `back to ${to.release} of ${to.recordedAt} (${target.key})`,
    ...(from
      ? [`undoes ${from.release} of ${from.recordedAt}${from.result === "failed" ? ", which failed" : ""}`]
      : []),
    "infrastructure and settings: as recorded; the preview below lists what changes",
    ...(flags.length > 0 ? [`flags off: ${flags.join(", ")}${about("quiesce")}`] : []),
    ...(to.steps.release
      ? [`application: ${from?.release ?? "what runs now"} → ${to.release}${about("release")}`]
      : []),
    ...siteLine(to, from, about("site")),
    ...databaseLine(to, from, restoreDatabase),
    ...(flags.length > 0 ? [`flags back: ${flags.join(", ")}${about("resume")}`] : []),
    `expected duration: about ${seconds(expectedSeconds(to))}, from the times of that release; longest: ${longest(took)}`,
    ...irrevocable(to, from, restoreDatabase).map((line) => `cannot be undone: ${line}`),
  ];
}

function flagsOf({ steps }: RecordDocument): string[] {
  const flags = steps.quiesce?.facts.flags;
  return flags !== null && typeof flags === "object" ? Object.keys(flags) : [];
}

function siteLine(to: RecordDocument, from: RecordDocument | undefined, about: string): string[] {
  if (!to.steps.site) return [];
  const wanted = manifestOf(to.steps.site.facts.manifest);
  const seen = manifestOf(from?.steps.site?.facts.manifest);
  const changed = Object.keys(wanted).filter((path) => wanted[path] !== seen[path]);
  return [
    `site: ${changed.length} of ${Object.keys(wanted).length} files as recorded, by object version${about}`,
  ];
}

function databaseLine(to: RecordDocument, from: RecordDocument | undefined, restore: boolean): string[] {
  if (!to.database) return [];
  const way = restore ? "restored from the backup beside the live one" : "down files, newest first";
  return [
    `database: ${from?.database?.at ?? "what is there now"} → ${to.database.at ?? "no migration"}, ${way}`,
  ];
}

function longest(took: { [step: string]: number }): string {
  const most = Object.entries(took).sort(([, a], [, b]) => b - a);
  return most
    .slice(0, 3)
    .map(([step, time]) => `${step} ${seconds(time)}`)
    .join(", ");
}

/** What stays as it is, and why. */
function irrevocable(to: RecordDocument, from: RecordDocument | undefined, restore: boolean): string[] {
  const told = ["announcement", "start", "success", "completion"].filter((step) => from?.steps[step]);
  const written = restore
    ? "rows written since the backup are not in the restored database; they stay in the replaced one while that is kept"
    : "rows that were changed or deleted since stay so, down files bring back no values; --restore-database would";
  return [
    "messages, webhooks and payments that left the system: nobody can call them back",
    ...(told.length > 0 ? [`what people were told (${told.join(", ")}): tell them again`] : []),
    ...(to.database ? [written] : []),
  ];
}
