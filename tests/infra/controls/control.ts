// What a control of an auditor's list is here: a property of every resource of a type that a stack registers, and the ways
// to break it. docs/controls.md is the list in words; controls.test.ts shows that every line of it is true and that each
// assertion notices when it no longer is.
import type { Registered } from "../support/mocks.ts";

export type Inputs = Registered["inputs"];

/** A control that the stack meets. */
export interface Met {
  /** As its list names it: `S3.8` of AWS Foundational Security Best Practices, `CIS 3.8` of the CIS Foundations Benchmark. */
  id: string;
  /** What it asks for, short. */
  asks: string;
  /** The resource type that it is about, e.g. `aws:s3/bucket:Bucket`; at least one must be registered. */
  type: string;
  /** Leaves resources of the type out to which it does not apply. @default all of the type */
  about?(resource: Registered, estate: Registered[]): boolean;
  /** Holds only where a setting asks for it, so not in every stack; `met` names the setting. */
  optional?: true;
  /** How it is met, a sentence for docs/controls.md. */
  met: string;
  /** Whether the resource fulfils it, judged by what was registered. */
  holds(resource: Registered, estate: Registered[]): boolean;
  /** Each makes a change to a copy of the estate after which `holds` must be false for the resource. */
  breaks: ((resource: Registered, estate: Registered[]) => void)[];
}

/** A control that the stack does not meet, or cannot. */
export interface Waived {
  id: string;
  asks: string;
  type: string;
  /** Why that is right here, and what stands in for it. */
  waived: string;
}

export type Control = Met | Waived;

/** The other resources of a type that belong to one, found by an input of theirs. */
export function companions(estate: Registered[], type: string, input: string, value: unknown): Registered[] {
  return estate.filter((one) => one.type === type && one.inputs[input] === value);
}

/** Takes a resource out of the estate. */
export function without(estate: Registered[], gone: Registered): void {
  const index = estate.indexOf(gone);
  if (index >= 0) estate.splice(index, 1);
}

/** The value at a path of inputs, e.g. `["rules", 0, "status"]`. */
export function at(inputs: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (value === null || typeof value !== "object") return undefined;
    return Object.entries(value).find(([name]) => name === String(key))?.[1];
  }, inputs);
}

/** Sets the value at a path of inputs; undefined takes it away. */
export function set(inputs: Inputs, path: readonly (string | number)[], value: unknown): void {
  const holder = at(inputs, path.slice(0, -1));
  if (holder === null || typeof holder !== "object")
    throw new Error(`mutation: nothing at ${path.join(".")}, want something to break`);
  Object.assign(holder, { [path.at(-1) ?? ""]: value });
}

/** A break that sets one input. */
export function setting(path: readonly (string | number)[], value: unknown): Met["breaks"][number] {
  return (resource) => set(resource.inputs, path, value);
}

/** A statement of an IAM policy as it was registered. */
export interface Statement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  Principal?: unknown;
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  Condition?: { [operator: string]: { [key: string]: unknown } };
}

/** The statements of a policy text. */
export function statementsOf(policy: unknown): Statement[] {
  return JSON.parse(String(policy)).Statement;
}

/** A break that rewrites a policy. */
export function rewriting(
  input: string,
  change: (statements: Statement[]) => Statement[],
): Met["breaks"][number] {
  return (resource) => {
    const Statement = change(statementsOf(resource.inputs[input]));
    resource.inputs[input] = JSON.stringify({ Version: "2012-10-17", Statement });
  };
}

/** One or several, as a list. */
export function listed(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
