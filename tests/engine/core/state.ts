// Resource states for tests: what a test does not name is empty.
import type { ResourceState } from "../../../local/engine/types.ts";

export function urnNamed(name: string, type = "a:b:C"): string {
  return `urn:pulumi:dev::p::${type}::${name}`;
}

export function stateNamed(name: string, rest: Partial<ResourceState> = {}): ResourceState {
  const type = rest.type ?? "a:b:C";
  return {
    urn: urnNamed(name, type),
    custom: true,
    id: `${name}-1`,
    type,
    inputs: {},
    outputs: {},
    dependencies: [],
    initErrors: [],
    propertyDependencies: {},
    additionalSecretOutputs: [],
    ...rest,
  };
}
