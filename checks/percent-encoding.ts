// The parts of addresses, which write characters as `%` and two digits.

/** What was encoded; undefined where a `%` begins no character, as in a password that nobody encoded. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
