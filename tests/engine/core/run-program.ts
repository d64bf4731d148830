// Runs the fixture program through the engine's core, in this process, with a journal in memory.
import { join } from "node:path";
import { deploy } from "../../../local/engine/core/deploy.ts";
import type {
  DeploymentRequest,
  DeploymentResult,
  EngineEvent,
  JournalChange,
  PendingOperation,
  ResourceState,
  Snapshot,
} from "../../../local/engine/types.ts";

const program = join(import.meta.dirname, "fixtures", "program");

export interface Run {
  result: DeploymentResult;
  events: EngineEvent[];
  journal: MemoryJournal;
  /** `op name` of each step in the order in which they began. */
  steps: string[];
  /** Texts of error diagnostics. */
  errors: string[];
}

export const empty: Snapshot = { resources: [], pendingOperations: [] };

/** Keeps what a journal on disk would be able to restore: the base and the changes told since. */
export class MemoryJournal {
  readonly open = new Set<PendingOperation>();
  readonly begun: string[] = [];
  #base: ResourceState[];
  #put: ResourceState[] = [];
  readonly #gone = new Set<ResourceState>();

  readonly #onBegin: (() => void) | undefined;

  constructor(base: ResourceState[], onBegin?: () => void) {
    this.#base = base;
    this.#onBegin = onBegin;
  }

  async begin(operation: PendingOperation): Promise<void> {
    this.open.add(operation);
    this.begun.push(operation.type);
    // Once the operation really runs.
    if (this.#onBegin) setImmediate(this.#onBegin);
  }

  async end(
    operation: PendingOperation | undefined,
    snapshot: () => Snapshot,
    { put = [], drop = [], rewrite }: JournalChange,
  ): Promise<void> {
    if (operation) this.open.delete(operation);
    if (rewrite) {
      this.#base = snapshot().resources;
      this.#put = [];
      this.#gone.clear();
      return;
    }
    for (const state of drop) this.#gone.add(state);
    this.#put.push(...put);
  }

  /** The stack as it could be restored from what was told. */
  restored(): ResourceState[] {
    return [...this.#put, ...this.#base].filter((state) => !this.#gone.has(state));
  }
}

export async function runProgram(
  scenario: string,
  base: Snapshot = empty,
  { onBegin, ...rest }: Partial<DeploymentRequest> & { onBegin?: () => void } = {},
): Promise<Run> {
  const events: EngineEvent[] = [];
  const journal = new MemoryJournal(base.resources, onBegin);
  let ids = 0;
  const result = await deploy({
    kind: "update",
    project: {
      name: "fixture",
      root: program,
      programDirectory: program,
      entry: ".",
      runtimeOptions: { typescript: false },
    },
    stack: "test",
    organization: "organization",
    config: new Map(),
    base,
    journal,
    parallel: 4,
    environment: { SCENARIO: scenario },
    emit: (event) => events.push(event),
    clock: () => new Date(Date.UTC(2026, 0, 2)),
    uniqueId: () => `id-${++ids}`,
    cancel: new AbortController().signal,
    kill: new AbortController().signal,
    ...rest,
  });
  const steps = events.flatMap(({ resourcePreEvent }) =>
    resourcePreEvent
      ? [`${resourcePreEvent.metadata.op} ${resourcePreEvent.metadata.urn.split("::").at(-1)}`]
      : [],
  );
  const errors = events.flatMap(({ diagnosticEvent }) =>
    diagnosticEvent?.severity === "error" ? [diagnosticEvent.message.trim()] : [],
  );
  return { result, events, journal, steps, errors };
}
