// What a preview found, as a Markdown summary for a pull request: whether the release may go on, what would change, and what
// each step would do.
import { text, textLines } from "./markdown-text.ts";

/** What a preview said. Texts are redacted already. */
export interface Plan {
  system: string;
  stack: string;
  /** Counts by operation, e.g. `{ create: 12 }`. */
  changes: { [operation: string]: number };
  /** Resources that would change, without the steps. */
  resources: { op: string; type: string; name: string }[];
  steps: { name: string; op: string; plan: string[] }[];
  /** Why it was refused; empty when it was not. */
  errors: string[];
}

const MOST_RESOURCES = 100;
const MOST_LINES = 200;
/** Of each of the three lists: a comment takes 65,536 characters on GitHub, and is refused with more. */
const MOST_CHARACTERS = 20_000;
const WORDS: { [op: string]: string } = {
  same: "unchanged",
  create: "runs",
  update: "runs",
  replace: "runs",
};

export function renderPlan(plan: Plan): string {
  const refused = plan.errors.length > 0;
  const verdict = refused ? "❌ refused" : "✅ can go on";
  const title = `## Preview of ${text(plan.system)} on ${text(plan.stack)}: ${verdict}`;
  const why = refused ? `### Why\n\n${list(textLines(plan.errors), MOST_LINES)}` : "";
  return `${[title, changes(plan), why, steps(plan), resources(plan)].filter((part) => part !== "").join("\n\n")}\n`;
}

function changes(plan: Plan): string {
  const named = Object.entries(plan.changes).filter(([, number]) => number > 0);
  return named.length === 0
    ? "Nothing would change."
    : named.map(([operation, number]) => `${number} ${operation}`).join(", ");
}

function steps({ steps: planned }: Plan): string {
  if (planned.length === 0) return "";
  const lines = planned.flatMap(({ name, op, plan }) => [
    `- **${text(name)}** ${WORDS[op] ?? op}`,
    ...plan.map((line) => `  - ${text(line)}`),
  ]);
  return `### Steps\n\n${shortened(lines, MOST_LINES)}`;
}

function resources({ resources: changed }: Plan): string {
  if (changed.length === 0) return "";
  const rows = fitting(
    changed.slice(0, MOST_RESOURCES).map(({ op, type, name }) => `| ${op} | ${text(type)} | ${text(name)} |`),
  );
  const rest = changed.length - rows.length;
  if (rest > 0) rows.push(`| | and ${rest} more | |`);
  const table = ["| Operation | Type | Name |", "|---|---|---|", ...rows].join("\n");
  return `<details><summary>${changed.length} resources</summary>\n\n${table}\n\n</details>`;
}

function list(items: string[], most: number): string {
  return shortened(
    items.map((item) => `- ${item}`),
    most,
  );
}

function shortened(lines: string[], most: number): string {
  const shown = fitting(lines.slice(0, most));
  const rest = lines.length - shown.length;
  return [...shown, ...(rest > 0 ? [`- and ${rest} more`] : [])].join("\n");
}

/** The first lines, as many as there is room for. */
function fitting(lines: string[]): string[] {
  let length = 0;
  return lines.filter((line) => {
    length += line.length + 1;
    return length <= MOST_CHARACTERS;
  });
}
