// What a query is to give: one value, a bound, or whole rows. Compared as JSON, so that 4 is 4 whatever the column's type.
import { z } from "zod";
import { isLargeNumber } from "../json-of.ts";

/** Exactly one kind of expectation; `min` and `max` go together. */
export const expectedValue = () =>
  z
    .strictObject({
      /** The first column of the only row; a whole number beyond 9007199254740991 is written as text. */
      equals: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
      /** Least and greatest number in the first column of the only row, both allowed themselves. */
      min: z.number().optional(),
      max: z.number().optional(),
      /** Number of rows. */
      count: z.number().int().min(0).optional(),
      /** All rows, in any order, column by column; columns that are not named here are not compared. */
      rows: z.array(z.record(z.string(), z.json())).optional(),
    })
    .refine(
      ({ min, max, ...others }) =>
        Object.values(others).filter((value) => value !== undefined).length +
          (min === undefined && max === undefined ? 0 : 1) ===
        1,
      "must have exactly one of equals, min and/or max, count, rows",
    );
export type ExpectedValue = z.output<ReturnType<typeof expectedValue>>;
export type Row = { [column: string]: unknown };

// Differences that are shown; more would only bury the first ones.
const MOST_SHOWN = 5;

export function renderExpected({ equals, min, max, count, rows }: ExpectedValue): string {
  if (count !== undefined) return `${count} rows`;
  if (rows !== undefined) return `the ${rows.length} rows given, value by value`;
  if (min !== undefined && max !== undefined) return `from ${min} to ${max}`;
  if (min !== undefined) return `at least ${min}`;
  if (max !== undefined) return `at most ${max}`;
  return JSON.stringify(equals);
}

/** What was seen, and whether it is what was wanted. */
export function judge(expected: ExpectedValue, rows: Row[]): { passed: boolean; observed: string } {
  if (expected.count !== undefined)
    return { passed: rows.length === expected.count, observed: `${rows.length} rows` };
  if (expected.rows !== undefined) return judgeRows(expected.rows, rows);
  if (rows.length !== 1) return { passed: false, observed: `${rows.length} rows, want one` };
  const [value] = Object.values(rows[0] ?? {});
  const observed = JSON.stringify(value) ?? "no column";
  if (expected.min === undefined && expected.max === undefined)
    return { passed: equal(value, expected.equals), observed };
  const number = typeof value === "number" || isLargeNumber(value) ? Number(value) : Number.NaN;
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = expected;
  return { passed: number >= min && number <= max, observed };
}

/** Each wanted row takes the seen row that is nearest to it, so that a difference is shown beside what it should be. */
function judgeRows(wanted: Row[], seen: Row[]): { passed: boolean; observed: string } {
  const left = [...seen];
  const unmatched = wanted.filter((row) => {
    const at = left.findIndex((candidate) => differences(row, candidate).length === 0);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const faults = unmatched.map((row) => {
    const [nearest] = [...left].sort((a, b) => differences(row, a).length - differences(row, b).length);
    const parts = nearest ? differences(row, nearest) : [];
    if (!nearest || parts.length === Object.keys(row).length) return `missing ${JSON.stringify(row)}`;
    left.splice(left.indexOf(nearest), 1);
    return `${JSON.stringify(common(row, nearest))}: ${parts.join(", ")}`;
  });
  faults.push(...left.map((row) => `unexpected ${JSON.stringify(row)}`));
  if (faults.length === 0) return { passed: true, observed: `${seen.length} rows, all equal` };
  const more = faults.length > MOST_SHOWN ? ` and ${faults.length - MOST_SHOWN} more` : "";
  return { passed: false, observed: `${seen.length} rows; ${faults.slice(0, MOST_SHOWN).join("; ")}${more}` };
}

function differences(wanted: Row, seen: Row): string[] {
  return Object.keys(wanted)
    .filter((column) => !(column in seen) || !equal(wanted[column], seen[column]))
    .map(
      (column) =>
        `${column} is ${JSON.stringify(seen[column]) ?? "no column"}, want ${JSON.stringify(wanted[column])}`,
    );
}

function common(wanted: Row, seen: Row): Row {
  return Object.fromEntries(
    Object.entries(wanted).filter(([column, value]) => column in seen && equal(value, seen[column])),
  );
}

/** Equal as JSON values, whatever the order of keys. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    left.length === right.size && left.every(([key, value]) => right.has(key) && equal(value, right.get(key)))
  );
}
