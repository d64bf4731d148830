// Whether visitors could get the site while it was published.
import { measureDowntime, type Sample } from "../release/probe.ts";
import { type Observation, observe } from "../step/definition.ts";

/**
 * Observation `downtime`: from the first answer on, every request for the site's entrance was answered. Before a first
 * publication nothing is there, and nobody misses it.
 */
export function judgeAway(samples: Sample[]): Observation {
  const began = samples.findIndex(({ fault }) => fault === undefined);
  const expected = "every request for the page answered while it is published: 0 min away";
  if (began < 0) {
    const observed = `none of ${samples.length} requests was answered: ${samples.at(-1)?.fault ?? "none was made"}`;
    return observe("downtime", false, expected, observed);
  }
  const { requests, errors, downtimeSeconds, firstFault } = measureDowntime(samples.slice(began));
  const first = began === 0 ? "" : `, after ${began} before it was there for the first time`;
  const fault = firstFault === undefined ? "" : `; first: ${firstFault}`;
  const observed = `${(downtimeSeconds / 60).toFixed(2)} min: ${errors} of ${requests} requests without an answer${first}${fault}`;
  return observe("downtime", errors === 0, expected, observed);
}
