/** What a JSON text says; undefined where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same, with whole numbers that JavaScript would round as texts, so that no other number is taken for one. */
export function exactJsonOf(text: string): unknown {
  try {
    return /\d{16}/.test(text) ? JSON.parse(text, unrounded) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** For `JSON.parse`: a whole number that JavaScript would round becomes its text. */
export function unrounded(_key: string, value: unknown, { source = "" }: { source?: string } = {}): unknown {
  return typeof value === "number" && /^-?\d+$/.test(source) && !Number.isSafeInteger(value) ? source : value;
}

/** Whether a text is such a number. */
export function isLargeNumber(value: unknown): value is string {
  return typeof value === "string" && /^-?\d{16,}$/.test(value) && !Number.isSafeInteger(Number(value));
}
