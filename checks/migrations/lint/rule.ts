// What a lint rule sees and says.
import type { Node } from "../grammar.ts";
import type { TableFacts, TableName } from "./context.ts";

/** `error`: stops a release unless told otherwise. `warning`: is shown. `notice`: is counted. */
export type Severity = "error" | "warning" | "notice";

export interface Finding {
  rule: string;
  severity: Severity;
  file: string;
  line: number;
  /** What is wrong and whom it hurts, with the table's size where it is known. */
  message: string;
  /** What to write instead. */
  fix: string;
  /** The reason of the file's `allow` directive; such a finding stops nothing. */
  allowed?: string;
}

/** A finding before it is placed in a file. */
export interface Remark {
  rule: string;
  severity: Severity;
  message: string;
  fix: string;
}

/** A table that existed before the pending files: `facts` is undefined while the database is not known. */
export interface ExistingTable {
  shown: string;
  facts: TableFacts | undefined;
}

export interface Surroundings {
  /** Undefined for a table that pending files created, and for one that the known database does not have. */
  existing(table: TableName | undefined): ExistingTable | undefined;
  transactional: boolean;
}

export type Rule = (node: Node, around: Surroundings) => Remark[];
