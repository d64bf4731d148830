// What a way down left of its way up, in words: objects that stayed, that did not come back, or that came back as others. Pure.
import type { Objects } from "../schema/objects.ts";
import { REPEATABLE_KINDS } from "./state.ts";

const LONGEST_DEFINITION = 160;
/** A kind in the words of a sentence. */
const SINGULAR: { [kind: string]: string } = {
  tables: "table",
  columns: "column",
  constraints: "constraint",
  indexes: "index",
  functions: "function",
  triggers: "trigger",
  policies: "policy",
  extensions: "extension",
};
const PARTS_OF_TABLES = ["columns", "constraints", "indexes", "triggers", "policies"];

/**
 * `leaves the column orders.note`, `does not bring back the policy orders.own`, `leaves the column … as {…}, want {…}`; what
 * belongs to a table that itself stayed or is missing is not told again.
 * @param repeatable leaves out what repeatable files make, which have no way back
 */
export function remainders(wanted: Objects, seen: Objects, repeatable: boolean): string[] {
  const kinds = Object.keys(wanted).filter((kind) => !repeatable || !REPEATABLE_KINDS.includes(kind));
  const moved = [...new Set([...namesOf(wanted.tables), ...namesOf(seen.tables)])].filter(
    (name) => !(wanted.tables?.has(name) && seen.tables?.has(name)),
  );
  return kinds.flatMap((kind) => {
    const [before, after] = [
      wanted[kind] ?? new Map<string, string>(),
      seen[kind] ?? new Map<string, string>(),
    ];
    return [...new Set([...before.keys(), ...after.keys()])]
      .filter((name) => !moved.some((table) => belongsTo(table, kind, name)))
      .flatMap((name) => lineOf(told(kind, name), before.get(name), after.get(name)));
  });
}

function namesOf(objects: Map<string, string> | undefined): string[] {
  return [...(objects ?? new Map<string, string>()).keys()];
}

function belongsTo(table: string, kind: string, name: string): boolean {
  if (kind === "privileges")
    return (
      [`table ${table}_`, `column ${table}.`].some((start) => name.startsWith(start)) ||
      name === `table ${table}`
    );
  if (kind === "types") return name.startsWith(`sequence ${table}_`);
  return PARTS_OF_TABLES.includes(kind) && name.startsWith(`${table}.`);
}

function told(kind: string, name: string): string {
  if (kind === "privileges") return `the owner and privileges of ${name}`;
  return `the ${kind === "types" ? name : `${SINGULAR[kind] ?? kind} ${name}`}`;
}

function lineOf(what: string, before: string | undefined, after: string | undefined): string[] {
  if (before === after) return [];
  if (before === undefined) return [`leaves ${what}`];
  if (after === undefined) return [`does not bring back ${what}`];
  return [`leaves ${what} as ${short(after)}, want ${short(before)}`];
}

function short(definition: string): string {
  return definition.length > LONGEST_DEFINITION ? `${definition.slice(0, LONGEST_DEFINITION)} …` : definition;
}
