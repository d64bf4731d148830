// Snapshots for tests of the state: small, valid, with secrets where the official engine has them.
import { type ResourceState, SECRET, SIGNATURE, type Value } from "../../../local/engine/types.ts";

/** The URN of a dynamic resource of stack `dev`, project `shop`. */
export function urnOf(name: string): string {
  return `urn:pulumi:dev::shop::pulumi-nodejs:dynamic:Resource::${name}`;
}

export function secret(value: Value): Value {
  return { [SIGNATURE]: SECRET, value };
}

/** A state with what every one has; `more` adds to it. */
export function resource(name: string, more: Partial<ResourceState> = {}): ResourceState {
  return {
    urn: urnOf(name),
    custom: true,
    id: `${name}-1`,
    type: "pulumi-nodejs:dynamic:Resource",
    inputs: { n: name },
    outputs: { n: name, out: `${name}:` },
    dependencies: [],
    initErrors: [],
    propertyDependencies: {},
    additionalSecretOutputs: [],
    ...more,
  };
}
