// All parts of the security check that a stack asks for, one after another: they share the application's limits.
import { createHash } from "node:crypto";
import { withDatabase } from "../database.ts";
import type { SecurityInputs } from "../security.ts";
import { type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { judgeCors, judgeHeaders, judgeRedirect } from "./browser.ts";
import { createClient } from "./client.ts";
import { judgeRateLimit } from "./rate-limit.ts";
import { judgeAuthentication, judgeBodies, readRoutes } from "./routes.ts";

export async function runSecurity(given: SecurityInputs, { log, signal }: StepContext): Promise<Finding> {
  const client = createClient(given, signal);
  const observations: Observation[] = [];
  const { headers, redirect, cors, rateLimit, routes: wanted } = given;
  if (headers) observations.push(...(await judgeHeaders(client, headers)));
  if (redirect) observations.push(await judgeRedirect(redirect, signal));
  if (cors) observations.push(...(await judgeCors(client, cors)));
  if (rateLimit) observations.push(...(await judgeRateLimit(client, rateLimit, signal)));
  const routes = wanted ? await readRoutes(client, wanted.document) : [];
  if (wanted) {
    log(`${routes.length} routes in ${wanted.document}`);
    observations.push(...(await judgeAuthentication(client, routes, wanted.public, signal)));
    const before = await fingerprint(given, signal);
    observations.push(...(await judgeBodies(client, routes, wanted)));
    const after = await fingerprint(given, signal);
    if (before !== undefined)
      observations.push(
        observe(
          "no-row-written",
          before === after,
          `the query gives ${shown(before)} as before the bad bodies`,
          shown(String(after)),
        ),
      );
  }
  return {
    observations,
    facts: { routes: routes.map(({ method, path }) => `${method} ${path}`) },
  };
}

async function fingerprint({ unchanged }: SecurityInputs, signal: AbortSignal): Promise<string | undefined> {
  if (!unchanged) return undefined;
  const session = { application: "security", signal };
  return withDatabase(unchanged.databaseUrl, session, async (client) =>
    JSON.stringify((await client.query(unchanged.query)).rows),
  );
}

/** One row of figures, e.g. of counts. */
const FIGURES = /^\[\{("\w+":"?-?[\d.]+"?,?)*\}\]$/;

/** Figures are evidence as they are; of other rows, which may be people's data, only the digest. */
function shown(rows: string): string {
  if (FIGURES.test(rows)) return rows;
  return `rows of SHA-256 ${createHash("sha256").update(rows).digest("hex").slice(0, 12)}`;
}
