// From an event log to what is compared: announced steps, how they ended, what was said, the summary.
import { existsSync, readFileSync } from "node:fs";
import type { AnnouncedStep, Diagnostic, Observation } from "./case.ts";
import type { NormalForm } from "./normal-form.ts";

interface Metadata {
  op: string;
  urn: string;
  logical?: boolean;
  keys?: string[] | null;
  diffs?: string[] | null;
  detailedDiff?: { [path: string]: { diffKind: string; inputDiff: boolean } } | null;
}

interface LoggedEvent {
  resourcePreEvent?: { metadata: Metadata };
  resOutputsEvent?: { metadata: Metadata };
  resOpFailedEvent?: { metadata: Metadata };
  diagnosticEvent?: { urn?: string; message: string; severity: string };
  summaryEvent?: { result: string; resourceChanges?: { [op: string]: number }; maybeCorrupt?: boolean };
}

/** Reads a log; `said` are the texts that program and provider were told to say. */
export function readEvents(
  path: string,
  form: NormalForm,
  said: readonly string[],
): Omit<Observation, "exit"> {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const events: LoggedEvent[] = text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const named = (event: { metadata: Metadata }) => `${event.metadata.op} ${form.text(event.metadata.urn)}`;
  const steps: AnnouncedStep[] = [];
  const ended: string[] = [];
  const failed: string[] = [];
  const diagnostics: Diagnostic[] = [];
  let summary: Observation["summary"];
  for (const event of events) {
    if (event.resourcePreEvent) steps.push(announced(event.resourcePreEvent.metadata, form));
    if (event.resOutputsEvent) ended.push(named(event.resOutputsEvent));
    if (event.resOpFailedEvent) failed.push(named(event.resOpFailedEvent));
    if (event.diagnosticEvent) {
      const { severity, urn = "", message } = event.diagnosticEvent;
      const diagnostic = readDiagnostic(severity, form.text(urn), form.text(message), said);
      if (diagnostic) diagnostics.push(diagnostic);
    }
    if (event.summaryEvent) {
      const { result, resourceChanges = {}, maybeCorrupt } = event.summaryEvent;
      summary = { result, changes: resourceChanges, ...(maybeCorrupt && { maybeCorrupt: true as const }) };
    }
  }
  return {
    ...(steps.length > 0 && { steps }),
    ...(ended.length > 0 && { ended: ended.sort() }),
    ...(failed.length > 0 && { failed: failed.sort() }),
    ...(diagnostics.length > 0 && { diagnostics }),
    ...(summary && { summary }),
  };
}

function announced(metadata: Metadata, form: NormalForm): AnnouncedStep {
  const { op, urn, logical, keys, diffs, detailedDiff } = metadata;
  const details = Object.entries(detailedDiff ?? {}).map(([path, { diffKind, inputDiff }]) => {
    return [path, inputDiff ? `${diffKind} input` : diffKind];
  });
  return {
    op,
    urn: form.text(urn),
    ...(!logical && { physical: true as const }),
    ...(keys?.length && { keys: [...keys].sort() }),
    ...(diffs?.length && { diffs: [...diffs].sort() }),
    ...(details.length > 0 && { detailedDiff: Object.fromEntries(details) }),
  };
}

// Compared are errors and warnings, and what the program prints to be compared.
function readDiagnostic(
  severity: string,
  urn: string,
  message: string,
  said: readonly string[],
): Diagnostic | undefined {
  const text = message.trim();
  // The official command names plugins that it found on PATH.
  if (text.includes("from $PATH")) return undefined;
  const relevant = severity.startsWith("info")
    ? text.startsWith("say:")
    : severity === "error" || severity === "warning";
  if (!relevant) return undefined;
  const match = said.filter((expected) => text.includes(expected));
  return { severity, urn, message: text, ...(match.length > 0 && { match }) };
}
