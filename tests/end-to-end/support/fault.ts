// A way in which a deployed system can really be wrong, and what that takes away from its checklist.
import type { FaultySystem } from "./faulty-system.ts";

/** Puts things right again. */
export type Undo = () => unknown;

export interface Fault {
  /** Kebab-case, unique in its system. */
  name: string;
  /** What is wrong, in words, e.g. `an index of the queue is missing`. */
  wrong: string;
  /** The steps that are run again while it is wrong. */
  steps: [string, ...string[]];
  /** The boxes that are proven no more, by number and in the checklist's order. */
  boxes: string[];
  /** Where one look at all the list's faults that have this will do: a switch of the application, and what sees that alone. */
  together?: { readonly switch: string; readonly seenBy: `${string}#${string}` };
  /** Makes it wrong, where the system really is: its database, Redis, AWS, files, process. */
  apply(system: FaultySystem): Promise<Undo>;
}

/** A running process of an application. */
export interface Running {
  stop(): Promise<void>;
}

/** The faults of one system, and how its application is run in this process. */
export interface FaultList {
  /** A folder of examples/. */
  system: string;
  /** @param environment of the release; `FAULTS` names the switches that are on. Answers where the deployed one did. */
  start(environment: { [name: string]: string }): Promise<Running>;
  faults: Fault[];
}
