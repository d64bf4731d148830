// The words the parts of the embedded engine share. No behaviour here.
//
// Property values are kept exactly as they travel on the wire (reference: Pulumi's plugin protocol):
// plain JSON, unknowns as sentinel strings, and secrets, references, assets and output values as objects
// with the signature key. State on disk differs only in that secrets carry `ciphertext` instead of `value`.

import type { SdkProcesses } from "./core/sdk-process.ts";

export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type PropertyMap = { [key: string]: Value };

export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** One resource of a stack, named as in Pulumi's checkpoint format; times are RFC 3339 UTC, timeouts seconds. */
export interface ResourceState {
  urn: string;
  custom: boolean;
  delete?: boolean;
  id?: string;
  type: string;
  inputs: PropertyMap;
  outputs: PropertyMap;
  parent?: string;
  protect?: boolean;
  external?: boolean;
  dependencies: string[];
  initErrors: string[];
  /** `<urn>::<id>` of the provider; empty for providers, components and the stack. */
  provider?: string;
  propertyDependencies: { [property: string]: string[] };
  pendingReplacement?: boolean;
  additionalSecretOutputs: string[];
  customTimeouts?: { create?: number; update?: number; delete?: number; read?: number };
  importID?: string;
  retainOnDelete?: boolean;
  deletedWith?: string;
  replaceWith?: string[];
  created?: string;
  modified?: string;
  sourcePosition?: string;
  stackTrace?: Value;
  ignoreChanges?: string[];
  hideDiff?: string[];
  replaceOnChanges?: string[];
  replacementTrigger?: Value;
  /** Keys this engine does not interpret, carried through unchanged. */
  extra?: { [key: string]: Value };
}

export type OperationType = "creating" | "updating" | "deleting" | "reading" | "importing";

/** An operation that had begun and whose end was never recorded. */
export interface PendingOperation {
  resource: ResourceState;
  type: OperationType;
}

/** What is known of a stack: resources in topological order, dependencies first. */
export interface Snapshot {
  resources: ResourceState[];
  pendingOperations: PendingOperation[];
}

export type StepOp =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "read-replacement"
  | "refresh"
  | "discard"
  | "discard-replaced"
  | "remove-pending-replace"
  | "import"
  | "import-replacement";

/** Where a deployment records its progress. Every call is durable when its promise resolves. */
export interface Journal {
  /** Intent: the operation is about to reach a provider. */
  begin(operation: PendingOperation): Promise<void>;
  /** Outcome: the operation of `begin` is over and the stack now is as `snapshot` says. */
  end(
    operation: PendingOperation | undefined,
    snapshot: () => Snapshot,
    changed: JournalChange,
  ): Promise<void>;
}

/** What one step changed, so that a journal need not rewrite the whole stack after each. */
export interface JournalChange {
  /** New or replaced state, to stand at the end of the list of this run's resources. */
  put?: ResourceState[];
  /** States (by identity) that are gone or superseded. */
  drop?: ResourceState[];
  /** States (by identity) whose content changed while their place stays. */
  alter?: ResourceState[];
  /** True when the change cannot be told by the lists: record the whole of `snapshot()` instead. */
  rewrite?: boolean;
}

/** One configuration value, decrypted. `object` values are JSON text in `value`. */
export interface ConfigValue {
  value: string;
  secret: boolean;
  object?: boolean;
  /** The texts that are secret in a secret object. */
  hidden?: string[];
}

export interface Project {
  name: string;
  /** Directory of Pulumi.yaml, absolute. */
  root: string;
  /** Working directory of program and dynamic providers, absolute. */
  programDirectory: string;
  /** Entry given to the program runner, relative to `programDirectory`. */
  entry: string;
  runtimeOptions: { [key: string]: Value };
}

export interface DeploymentRequest {
  kind: "preview" | "update" | "refresh" | "destroy";
  project: Project;
  stack: string;
  organization: string;
  /** `namespace:name` to value, project defaults already merged. */
  config: Map<string, ConfigValue>;
  base: Snapshot;
  journal: Journal;
  /** Steps executed at once. */
  parallel: number;
  continueOnError?: boolean;
  targets?: string[];
  targetDependents?: boolean;
  replace?: string[];
  /** First refresh, then the update (`up --refresh`). */
  refresh?: boolean;
  clearPendingCreates?: boolean;
  /** Passes on debug messages of program, SDK and providers. */
  debugMessages?: boolean;
  /** Shows what a refresh or destroy would do, and does nothing; `preview` never does. */
  dryRun?: boolean;
  /** An inline program of the Automation API (`--client=HOST:PORT`); absent: a child process runs the program. */
  client?: string;
  /** Processes prepared for this run; absent: started when they are needed. */
  processes?: SdkProcesses;
  /** More environment variables for program and plugins. */
  environment?: { [name: string]: string };
  /** Receives everything worth showing, in order. The engine itself prints nothing. */
  emit(event: EngineEvent): void;
  /** Outputs of another stack, for StackReference; absent: stack references are refused. Throws when there is no such stack. */
  readStack?(reference: string): Promise<PropertyMap>;
  /** The time of created and modified; default the machine's clock. */
  clock?(): Date;
  /** Fresh unique ids for new providers; default random UUIDs. */
  uniqueId?(): string;
  /** First abort: finish running steps. `kill` aborts: give up at once. */
  cancel: AbortSignal;
  kill: AbortSignal;
}

export interface DeploymentResult {
  result: "succeeded" | "failed" | "canceled";
  /** Counted steps by op, as the summary shows them. */
  changes: { [op: string]: number };
  snapshot: Snapshot;
  /** True when a step changed something (neither same nor read). */
  changed: boolean;
  /** True when a provider's check refused a resource: a preview that ends so exits like the official one. */
  refused?: boolean;
}

export interface StepMetadata {
  op: StepOp;
  urn: string;
  type: string;
  old: StepState | null;
  new: StepState | null;
  keys?: string[];
  diffs?: string[];
  detailedDiff?: { [path: string]: { diffKind: string; inputDiff: boolean } } | null;
  /** False for the physical half of a replacement. */
  logical: boolean;
  provider: string;
}

export interface StepState {
  urn: string;
  type: string;
  custom?: boolean;
  delete?: boolean;
  id: string;
  parent: string;
  protect?: boolean;
  inputs: PropertyMap;
  outputs: PropertyMap;
  provider: string;
  initErrors?: string[];
}

/**
 * Pulumi's engine events without sequence and timestamp; exactly one member is set. Property values are as on the
 * wire: secrets are marked and in clear, so whoever shows or stores an event replaces them first.
 */
export interface EngineEvent {
  preludeEvent?: { config: { [key: string]: string } };
  resourcePreEvent?: { metadata: StepMetadata };
  resOutputsEvent?: { metadata: StepMetadata };
  resOpFailedEvent?: { metadata: StepMetadata; status: number; steps: number };
  diagnosticEvent?: {
    urn?: string;
    prefix: string;
    message: string;
    color: string;
    severity: "debug" | "info" | "info#err" | "warning" | "error";
    streamID?: number;
    ephemeral?: boolean;
  };
  summaryEvent?: {
    maybeCorrupt: boolean;
    durationSeconds: number;
    resourceChanges: { [op: string]: number };
    PolicyPacks: { [name: string]: string };
    isPreview: boolean;
    result: string;
  };
  cancelEvent?: Record<string, never>;
}
