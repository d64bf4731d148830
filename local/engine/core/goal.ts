// What a program asks for: one registration or read as plain data, whatever the wire looked like.
import type { PropertyMap, ResourceState, Value } from "../types.ts";

/** Another name that a resource had: a whole urn, or the parts that differ from today's. */
export type Alias =
  | { urn: string }
  | { name?: string; type?: string; parent?: string; noParent?: boolean; project?: string; stack?: string };

/** A resource as the program declares it. */
export interface Goal {
  type: string;
  name: string;
  custom: boolean;
  properties: PropertyMap;
  parent?: string;
  /** Undefined: not said, so a parent's value was not inherited either. */
  protect?: boolean;
  dependencies: string[];
  /** `<urn>::<id>`; absent for components and providers. */
  provider?: string;
  propertyDependencies: { [property: string]: string[] };
  deleteBeforeReplace?: boolean;
  ignoreChanges: string[];
  additionalSecretOutputs: string[];
  aliases: Alias[];
  importId?: string;
  customTimeouts?: ResourceState["customTimeouts"];
  replaceOnChanges: string[];
  replacementTrigger?: Value;
  retainOnDelete?: boolean;
  deletedWith?: string;
  replaceWith: string[];
  hideDiff: string[];
  sourcePosition?: string;
}

/** A resource that exists elsewhere and is only read. */
export interface ReadGoal {
  type: string;
  name: string;
  id: string;
  parent?: string;
  provider: string;
  properties: PropertyMap;
  dependencies: string[];
  additionalSecretOutputs: string[];
  sourcePosition?: string;
}

/** What the program is told about its registration. */
export interface RegisterResult {
  state: ResourceState;
  result: "success" | "fail" | "skip";
  /** True when outputs are unknown though this is no preview: a resource left out by --target. */
  unknown?: boolean;
}

/** A goal and the way to answer it; each is answered at most once. */
export interface Registration {
  goal: Goal;
  done(result: RegisterResult): void;
}

export interface ReadRegistration {
  goal: ReadGoal;
  done(result: RegisterResult): void;
}

/** The new state of a goal before any provider saw it. */
export function stateOfGoal(goal: Goal, urn: string, old: ResourceState | undefined): ResourceState {
  return {
    urn,
    custom: goal.custom,
    type: goal.type,
    inputs: goal.properties,
    outputs: {},
    ...(goal.parent && { parent: goal.parent }),
    ...(goal.protect && { protect: true }),
    dependencies: goal.dependencies,
    initErrors: [],
    ...(goal.provider && { provider: goal.provider }),
    propertyDependencies: goal.propertyDependencies,
    additionalSecretOutputs: goal.additionalSecretOutputs,
    ...(goal.customTimeouts && { customTimeouts: goal.customTimeouts }),
    ...(goal.importId && { importID: goal.importId }),
    ...(goal.retainOnDelete && { retainOnDelete: true }),
    ...(goal.deletedWith && { deletedWith: goal.deletedWith }),
    ...(goal.replaceWith.length > 0 && { replaceWith: goal.replaceWith }),
    ...(old?.created && { created: old.created }),
    ...(old?.modified && { modified: old.modified }),
    ...(goal.sourcePosition && { sourcePosition: goal.sourcePosition }),
    ...(goal.ignoreChanges.length > 0 && { ignoreChanges: goal.ignoreChanges }),
    ...(goal.hideDiff.length > 0 && { hideDiff: goal.hideDiff }),
    ...(goal.replaceOnChanges.length > 0 && { replaceOnChanges: goal.replaceOnChanges }),
    ...(goal.replacementTrigger !== undefined && { replacementTrigger: goal.replacementTrigger }),
  };
}

/** The new state of a read before its provider was asked. */
export function stateOfRead(goal: ReadGoal, urn: string): ResourceState {
  return {
    urn,
    custom: true,
    id: goal.id,
    type: goal.type,
    inputs: goal.properties,
    outputs: {},
    ...(goal.parent && { parent: goal.parent }),
    external: true,
    dependencies: goal.dependencies,
    initErrors: [],
    provider: goal.provider,
    propertyDependencies: {},
    additionalSecretOutputs: goal.additionalSecretOutputs,
    ...(goal.sourcePosition && { sourcePosition: goal.sourcePosition }),
  };
}
