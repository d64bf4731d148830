// What a recorded case is and what a replayed step is compared by. The recordings come from the official engine.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** One recorded program that changes step by step. */
export interface ParityCase {
  title: string;
  /** `main` of Pulumi.yaml. */
  main?: string;
  /** More text for Pulumi.yaml. */
  project?: string;
  steps: ParityStep[];
}

export interface ParityStep {
  command: string;
  args?: string[];
  spec?: JsonObject;
  behave?: Json;
  program?: Json;
  outputs?: Json;
  parallel?: number;
  stack?: string;
  config?: { set?: string; rm?: string; value?: string; secret?: boolean; path?: boolean }[];
  lock?: boolean;
  kill?: { on: string; signal: "SIGINT" | "SIGTERM" | "SIGKILL" };
  expect: Observation;
}

export interface AnnouncedStep {
  op: string;
  urn: string;
  physical?: true;
  keys?: string[];
  diffs?: string[];
  detailedDiff?: { [path: string]: string };
}

export interface Diagnostic {
  severity: string;
  urn: string;
  message: string;
  /** Texts of program or provider that the message must hold. */
  match?: string[];
}

/** What was seen of one step: the recording has the same shape. */
export interface Observation {
  exit: number | string | null;
  steps?: AnnouncedStep[];
  ended?: string[];
  failed?: string[];
  diagnostics?: Diagnostic[];
  summary?: { result: string; changes: { [op: string]: number }; maybeCorrupt?: true };
  trace?: string[];
  json?: Json;
  state?: { resources: JsonObject[]; pending?: { type: string; urn: string }[] };
}
