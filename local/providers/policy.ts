// When two IAM policy documents mean the same: a list of one equals its element, order of lists does not count.

import { canonical, isRecord } from "./values.ts";

export function samePolicy(a: unknown, b: unknown): boolean {
  return canonical(normalize(a)) === canonical(normalize(b));
}

function normalize(document: unknown): unknown {
  if (!isRecord(document)) return document;
  const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
  return { ...document, Statement: statements.map((statement) => unordered(statement)) };
}

function unordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(unordered).sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
    return items.length === 1 ? items[0] : items;
  }
  if (!isRecord(value))
    return typeof value === "boolean" || typeof value === "number" ? String(value) : value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(key === "Sid" && inner === ""))
      .map(([key, inner]) => [key, unordered(inner)]),
  );
}
