// Follows an update through Pulumi's engine events and tells the steps of the deployment from everything else.
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { observed, STEP_TYPE } from "../report/steps.ts";
import { pulumiError } from "./pulumi-error.ts";

const CHANGES_NOTHING = new Set(["same", "read", "refresh"]);

/** What an update tells while it runs. */
export type Progress =
  | {
      event: "planned";
      steps: PlannedStep[];
      /** How long the steps took in earlier releases, in seconds; empty where none is on record. */
      expected: { [step: string]: number };
    }
  | { event: "resource"; done: number; op: string; name: string; type: string }
  | { event: "step-started"; name: string; kind: string }
  | { event: "step-unchanged"; name: string; kind: string }
  | {
      event: "step-finished";
      name: string;
      kind: string;
      passed: boolean;
      /** Faults that did not stop it: waived, or the step is advisory. */
      accepted: string[];
      durationSeconds: number;
      proved: string;
    }
  | { event: "line"; text: string }
  | { event: "warning"; text: string };

export interface PlannedStep {
  name: string;
  kind: string;
  op: string;
  /** What the step said it would do. */
  plan: string[];
}

/** Everything seen of one update or preview. */
export class Progression {
  readonly planned: PlannedStep[] = [];
  readonly visited = new Set<string>();
  readonly ran = new Set<string>();
  readonly errors: string[] = [];
  changes: { [operation: string]: number } = {};
  #resources = 0;
  readonly #started = new Map<string, number>();
  readonly #tell: (progress: Progress) => void;

  constructor(tell: (progress: Progress) => void) {
    this.#tell = tell;
  }

  /** Steps that were begun and whose end was not told, e.g. because the engine was killed: by name, when they began. */
  get underWay(): { [step: string]: string } {
    return Object.fromEntries(
      [...this.#started]
        .filter(([name]) => !this.visited.has(name))
        .map(([name, timestamp]) => [name, new Date(timestamp * 1000).toISOString()]),
    );
  }

  /** What went wrong with a command that failed: what was said of it, else the engine's own words. */
  faults(failure: Error | undefined): string[] {
    if (failure === undefined) return [];
    const told = this.errors.filter((error) => !/^(update|preview) failed$/.test(error));
    return told.length > 0 ? told : [pulumiError(failure)];
  }

  see(event: EngineEvent): void {
    if (event.resourcePreEvent) this.#before(event.resourcePreEvent.metadata, event.timestamp);
    if (event.resOutputsEvent) this.#after(event.resOutputsEvent.metadata, event.timestamp, true);
    if (event.resOpFailedEvent) this.#after(event.resOpFailedEvent.metadata, event.timestamp, false);
    if (event.diagnosticEvent) this.#said(event.diagnosticEvent);
    if (event.summaryEvent)
      this.changes = event.summaryEvent.resourceChanges as { [operation: string]: number };
  }

  #before(metadata: Metadata, timestamp: number): void {
    // A step that the stack no longer has is taken out of the state, not run.
    if (!isStep(metadata) || metadata.op === "delete") return;
    const { name, kind } = nameOf(metadata);
    const plan: unknown = metadata.new?.inputs?.plan;
    const lines = Array.isArray(plan) ? plan.map(String) : [];
    if (!this.planned.some((step) => step.name === name))
      this.planned.push({ name, kind, op: metadata.op, plan: lines });
    if (metadata.op === "same") return;
    this.#started.set(name, timestamp);
    this.#tell({ event: "step-started", name, kind });
  }

  #after(metadata: Metadata, timestamp: number, passed: boolean): void {
    const { name, kind } = nameOf(metadata);
    if (!isStep(metadata)) {
      if (metadata.new?.custom && !metadata.type.startsWith("pulumi:")) {
        this.#tell({
          event: "resource",
          done: ++this.#resources,
          op: metadata.op,
          name,
          type: metadata.type,
        });
      }
      return;
    }
    if (metadata.op === "delete") return;
    this.visited.add(name);
    if (CHANGES_NOTHING.has(metadata.op)) {
      this.#tell({ event: "step-unchanged", name, kind });
      return;
    }
    this.ran.add(name);
    const outputs = metadata.new?.outputs ?? {};
    const measured = Number(outputs.durationSeconds);
    const durationSeconds = Number.isFinite(measured)
      ? measured
      : timestamp - (this.#started.get(name) ?? timestamp);
    const accepted = Array.isArray(outputs.accepted) ? outputs.accepted.map(String) : [];
    this.#tell({
      event: "step-finished",
      name,
      kind,
      passed,
      accepted,
      durationSeconds,
      proved: proved(outputs),
    });
  }

  #said(diagnostic: { severity: string; message: string; ephemeral?: boolean }): void {
    const text = diagnostic.message.trimEnd();
    if (diagnostic.severity === "error") this.errors.push(...reasonsOf(text));
    else if (diagnostic.severity === "warning") this.#tell({ event: "warning", text });
    else this.#tell({ event: "line", text });
  }
}

type Metadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];

function isStep(metadata: Metadata): boolean {
  return metadata.type.startsWith(STEP_TYPE);
}

function nameOf({ urn, type }: Metadata): { name: string; kind: string } {
  const name = urn.split("::").slice(3).join("::");
  return { name, kind: type.split(":").at(-1) ?? type };
}

/** The reasons that the engine lists for one failure, each by itself. */
function reasonsOf(text: string): string[] {
  const [head = "", ...items] = text.split(/\n\s*\* /);
  return /^\d+ errors? occurred:$/.test(head) && items.length > 0 ? items : [text];
}

/** What a step proved, in a few words: its own summary, else how much it observed. */
function proved(outputs: { [name: string]: unknown }): string {
  const { facts, observations } = outputs;
  if (facts !== null && typeof facts === "object" && "summary" in facts) return String(facts.summary);
  if (!Array.isArray(observations)) return "";
  return observed(observations);
}
