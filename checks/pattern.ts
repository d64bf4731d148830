// Regular expressions as settings and files of a stack write them.

/** Whether the text is one, for `refine`. */
export function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
