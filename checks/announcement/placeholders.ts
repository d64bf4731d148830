// What stands in a text for a value, written `{{name}}`.

/** Of any name: what nobody can mean as a variable is open, too, and never sent. */
export const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;

/** Their names; one without a name as it is written. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([whole, inside = ""]) => inside.trim() || whole);
}
