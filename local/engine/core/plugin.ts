// What the engine asks of a provider plugin, whether it is another process or a module of this one. No behaviour.
import type { PropertyMap } from "../types.ts";
import type { Diff } from "./property-diff.ts";

export interface CheckFailure {
  property: string;
  reason: string;
}

export interface CheckReply {
  inputs: PropertyMap;
  failures: CheckFailure[];
}

/** What a configured plugin can take; learnt from its reply to configure. */
export interface Capabilities {
  acceptSecrets: boolean;
  acceptResources: boolean;
  /** Create and update may be called in a preview. */
  supportsPreview: boolean;
}

export interface ResourceCall {
  urn: string;
  name: string;
  type: string;
}

export interface ReadReply {
  /** Empty: there is no such object. */
  id: string;
  outputs: PropertyMap | undefined;
  /** Absent: the plugin does not tell inputs. */
  inputs: PropertyMap | undefined;
}

/** Property values given and taken are in the form that the capabilities allow. */
export interface Plugin {
  /** Undefined: not implemented, inputs stand as they are. */
  checkConfig(call: ResourceCall, olds: PropertyMap, news: PropertyMap): Promise<CheckReply | undefined>;
  /** Undefined: not implemented. */
  diffConfig(
    call: ResourceCall,
    oldInputs: PropertyMap,
    oldOutputs: PropertyMap,
    news: PropertyMap,
  ): Promise<Diff | undefined>;
  configure(call: ResourceCall & { id: string }, inputs: PropertyMap): Promise<Capabilities>;
  check(
    call: ResourceCall,
    olds: PropertyMap,
    news: PropertyMap,
    randomSeed: Uint8Array,
  ): Promise<CheckReply>;
  diff(
    call: ResourceCall & { id: string; ignoreChanges: string[] },
    oldInputs: PropertyMap,
    oldOutputs: PropertyMap,
    news: PropertyMap,
  ): Promise<Diff>;
  create(
    call: ResourceCall & { timeoutSeconds: number; preview: boolean },
    inputs: PropertyMap,
  ): Promise<{ id: string; outputs: PropertyMap }>;
  update(
    call: ResourceCall & { id: string; timeoutSeconds: number; preview: boolean; ignoreChanges: string[] },
    oldInputs: PropertyMap,
    oldOutputs: PropertyMap,
    news: PropertyMap,
  ): Promise<PropertyMap>;
  read(
    call: ResourceCall & { id: string; timeoutSeconds: number },
    inputs: PropertyMap,
    outputs: PropertyMap,
  ): Promise<ReadReply>;
  delete(
    call: ResourceCall & { id: string; timeoutSeconds: number },
    inputs: PropertyMap,
    outputs: PropertyMap,
  ): Promise<void>;
  invoke(
    token: string,
    args: PropertyMap,
    preview: boolean,
  ): Promise<{ outputs: PropertyMap; failures: CheckFailure[]; unknown: boolean }>;
  /** Asks running operations to stop soon. */
  cancel(): Promise<void>;
  /** Ends the plugin. */
  close(): Promise<void>;
}

/**
 * How much is known after a failed operation: `nothing` happened, or the state of the object is `unknown`.
 * Pulumi's numbers for them are 0 and 2; 1 is an object that exists but did not become ready.
 */
export type FailureStatus = 0 | 1 | 2;

/** A provider's refusal or breakdown, with the text to show. */
export class ProviderFailure extends Error {
  readonly status: FailureStatus;
  constructor(message: string, status: FailureStatus, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** The object exists but did not become ready: state is kept, and the next run updates it. */
export class InitFailure extends ProviderFailure {
  readonly id: string;
  readonly outputs: PropertyMap;
  readonly inputs: PropertyMap | undefined;
  readonly reasons: string[];
  constructor(id: string, outputs: PropertyMap, inputs: PropertyMap | undefined, reasons: string[]) {
    const count = `${reasons.length} error${reasons.length === 1 ? "" : "s"} occurred:`;
    super([count, ...reasons.map((reason) => `\t* ${reason}`)].join("\n"), 1);
    this.id = id;
    this.outputs = outputs;
    this.inputs = inputs;
    this.reasons = reasons;
  }
}
