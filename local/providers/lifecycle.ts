// The order of a handler's verbs: observe, create if absent, change what differs, observe again. And what of the
// answers goes into state.

import { DEFAULTS } from "./check.ts";
import { diffProperties, satisfied } from "./diff.ts";
import type { Known, ResourceHandler } from "./handler.ts";
import type { Properties } from "./schema.ts";
import { defined, isEmpty } from "./values.ts";

type Values = Record<string, unknown>;

/** A run that was killed may have left the resource behind: where its id follows from the inputs it is found again. */
export async function createOrAdopt<Session>(
  handler: ResourceHandler<Session>,
  desired: Values,
  session: Session,
): Promise<{ id: string; recorded: Values }> {
  const known = await handler.identify?.(desired, session);
  if (known !== undefined && (await handler.observe(known, desired, session))) {
    return { id: known, recorded: {} };
  }
  const made = await handler.create(desired, session);
  const { id, once } = typeof made === "string" ? { id: made, once: {} } : made;
  return { id, recorded: { ...desired, ...once } };
}

/**
 * Observes, changes what differs from `desired`, and returns what is there afterwards.
 * @param recorded what is known of the resource as it is now
 */
export async function settle<Session>(
  handler: ResourceHandler<Session>,
  id: string,
  desired: Values,
  session: Session,
  recorded: Values,
): Promise<Values> {
  const known = { ...keptOf(handler.outputs, recorded), ...desired };
  const before = await handler.observe(id, recorded, session);
  if (before === undefined) throw new Error("not found, want it to exist; run refresh, then up again");
  const existing = outputsOf(handler, before, recorded);
  if (!handler.sync || !diffProperties(handler.inputs, existing, desired).changes) {
    return outputsOf(handler, before, known);
  }
  await handler.sync(id, desired, existing, session);
  const after = await handler.observe(id, known, session);
  if (after === undefined) throw new Error("gone right after it was changed, want it to exist");
  return outputsOf(handler, after, known);
}

/** What goes into state: everything observed, and of the rest what the service never tells back. */
export function outputsOf<Session>(
  handler: ResourceHandler<Session>,
  observed: Known<Properties, Properties>,
  known: Values,
): Values {
  return defined({ ...keptOf(handler.inputs, known), ...keptOf(handler.outputs, known), ...observed });
}

function keptOf(properties: Properties, known: Values): Values {
  const kept = Object.entries(properties).filter(([, property]) => property.kept);
  return Object.fromEntries(kept.map(([key]) => [key, known[key]]));
}

/** The inputs that would lead to the live resource: the old ones where nothing drifted. */
export function inputsFrom<Session>(
  handler: ResourceHandler<Session>,
  live: Values,
  inputs?: Values,
): Values {
  const found: Values = inputs?.[DEFAULTS] === undefined ? {} : { [DEFAULTS]: inputs[DEFAULTS] };
  for (const [key, property] of Object.entries(handler.inputs)) {
    const before = inputs?.[key];
    if (before !== undefined && satisfied(property, live[key], before)) found[key] = before;
    else if (live[key] === undefined) continue;
    else if (before !== undefined || (!property.computed && !isEmpty(live[key]))) found[key] = live[key];
  }
  return found;
}
