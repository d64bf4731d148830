// Words and marks of the operations, as the official command shows them.
import type { StepOp } from "../types.ts";

interface OperationText {
  mark: string;
  /** In a preview. */
  planned: string;
  running: string;
  done: string;
  color: "green" | "yellow" | "red" | "cyan" | "magenta" | "plain";
}

const TEXTS: { readonly [op in StepOp]: OperationText } = {
  same: { mark: "  ", planned: "", running: "", done: "", color: "plain" },
  create: { mark: "+ ", planned: "create", running: "creating", done: "created", color: "green" },
  update: { mark: "~ ", planned: "update", running: "updating", done: "updated", color: "yellow" },
  delete: { mark: "- ", planned: "delete", running: "deleting", done: "deleted", color: "red" },
  replace: { mark: "+-", planned: "replace", running: "replacing", done: "replaced", color: "magenta" },
  "create-replacement": {
    mark: "++",
    planned: "create replacement",
    running: "creating replacement",
    done: "created replacement",
    color: "green",
  },
  "delete-replaced": {
    mark: "--",
    planned: "delete original",
    running: "deleting original",
    done: "deleted original",
    color: "red",
  },
  read: { mark: "> ", planned: "read", running: "reading", done: "read", color: "cyan" },
  "read-replacement": {
    mark: ">>",
    planned: "read for replacement",
    running: "reading for replacement",
    done: "read for replacement",
    color: "cyan",
  },
  refresh: { mark: "~ ", planned: "refresh", running: "refreshing", done: "", color: "yellow" },
  discard: { mark: "< ", planned: "discard", running: "discarding", done: "discarded", color: "red" },
  "discard-replaced": {
    mark: "<<",
    planned: "discard original",
    running: "discarding original",
    done: "discarded original",
    color: "red",
  },
  "remove-pending-replace": {
    mark: "~ ",
    planned: "remove pending replace",
    running: "removing pending replace",
    done: "removed pending replace",
    color: "plain",
  },
  import: { mark: "= ", planned: "import", running: "importing", done: "imported", color: "cyan" },
  "import-replacement": {
    mark: "=>",
    planned: "import replacement",
    running: "importing replacement",
    done: "imported replacement",
    color: "cyan",
  },
};

const CODES = { green: 32, yellow: 33, red: 31, cyan: 36, magenta: 35, plain: 0 } as const;

/** Marks, words and colour of an operation. */
export function operationText(op: StepOp): OperationText {
  return TEXTS[op];
}

/** Operations in the order of summaries. */
export const SUMMARY_ORDER = Object.keys(TEXTS) as StepOp[];

/** Colours a text where colours are wanted. */
export function paint(text: string, color: keyof typeof CODES, colored: boolean): string {
  return colored && color !== "plain" ? `\u001b[${CODES[color]}m${text}\u001b[0m` : text;
}
