// What is known of one registration while its steps are planned. No behaviour.
import type { PropertyMap, ResourceState } from "../types.ts";
import type { Registration } from "./goal.ts";
import type { ResourceProvider } from "./provider.ts";

export interface Planning {
  registration: Registration;
  urn: string;
  old: ResourceState | undefined;
  next: ResourceState;
  /** Undefined for components. */
  provider: ResourceProvider | undefined;
  /** 32 bytes that every check of the registration shares. */
  randomSeed: Uint8Array;
}

/** A planning whose inputs were checked, with ignored changes put back. */
export interface Checked extends Planning {
  inputs: PropertyMap;
}
