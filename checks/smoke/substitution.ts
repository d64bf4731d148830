// `${name}` in journeys: values for texts at any depth, and the names that a step needs, for checking a file before it runs.

export type Values = { [name: string]: unknown };

const NAME = /\$\{([^}]*)\}/g;

/**
 * Replaces names in all texts of a JSON value; a text that is one name alone becomes the value itself, with its type.
 * @throws when a name has no value
 */
export function substitute<T>(template: T, values: Values): T {
  return replaced(template, values) as T;
}

/** The names that occur in a JSON value. */
export function namesIn(template: unknown): string[] {
  if (typeof template === "string") return [...template.matchAll(NAME)].map((match) => match[1] ?? "");
  if (template === null || typeof template !== "object") return [];
  return Object.entries(template).flatMap(([key, value]) => [...namesIn(key), ...namesIn(value)]);
}

function replaced(template: unknown, values: Values): unknown {
  if (typeof template === "string") return replacedText(template, values);
  if (Array.isArray(template)) return template.map((item) => replaced(item, values));
  if (template === null || typeof template !== "object") return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => [
      String(replacedText(key, values)),
      replaced(value, values),
    ]),
  );
}

function replacedText(text: string, values: Values): unknown {
  const alone = /^\$\{([^}]*)\}$/.exec(text)?.[1];
  if (alone !== undefined) return namedValue(alone, values);
  return text.replaceAll(NAME, (_match, name: string) => {
    const value = namedValue(name, values);
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}

function namedValue(name: string, values: Values): unknown {
  if (!Object.hasOwn(values, name))
    throw new Error(`"\${${name}}" has no value; capture it in an earlier step`);
  return values[name];
}
