// SNS and SQS keep settings as named texts. A table says which property is which attribute.

import type { Properties } from "../schema.ts";
import { isRecord } from "../values.ts";

/** Property name to the service's attribute name. */
export type AttributeNames = { readonly [property: string]: string };

/** Attributes as outputs, in the kinds of the table; a setting that the service leaves empty is left out. */
export function fromAttributes(
  attributes: Record<string, string | undefined>,
  names: AttributeNames,
  properties: Properties,
): Record<string, unknown> {
  const read = Object.entries(names).flatMap(([property, attribute]): [string, unknown][] => {
    const value = attributes[attribute];
    if (value === undefined || value === "" || value === "{}") return [];
    const kind = properties[property]?.kind;
    if (kind === "number") return [[property, Number(value)]];
    if (kind === "flag") return [[property, value === "true"]];
    return [[property, value]];
  });
  return Object.fromEntries(read);
}

/**
 * Attributes that have to be set, as texts.
 * @param observed what is set already: only differences are returned
 */
export function toAttributes(
  desired: Record<string, unknown>,
  names: AttributeNames,
  observed: Record<string, unknown> = {},
): Record<string, string> {
  const changed = Object.entries(names).flatMap(([property, attribute]) => {
    const wanted = desired[property];
    if (wanted === observed[property]) return [];
    // What the program no longer asks for goes back to nothing, unless the service chose it.
    if (wanted === undefined) return [];
    return [[attribute, isRecord(wanted) ? JSON.stringify(wanted) : String(wanted)]];
  });
  return Object.fromEntries(changed);
}
