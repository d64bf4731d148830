// Runs all targets one after another: two at once would measure each other.
import { randomUUID } from "node:crypto";
import type { LatencyInputs } from "../latency.ts";
import { signToken } from "../smoke/actions.ts";
import type { Fact, Facts, Finding, Observation, StepContext } from "../step/definition.ts";
import { judgeStatements, triedStatements } from "./database.ts";
import type { LatencyTarget } from "./definition.ts";
import type { Driven } from "./drive.ts";
import { driveInThread } from "./driver.ts";
import { abortOf, chartsOf, factsOf, judgeRun } from "./judge.ts";

const MOST_IN_FLIGHT = 5000;

export async function runLatency(given: LatencyInputs, { signal, log }: StepContext): Promise<Finding> {
  const observations: Observation[] = [];
  const facts: Facts = {};
  const charts: Fact[] = [];
  const tokens = await tokensOf(given.people);
  const limits = given.database;
  const { databaseUrl } = given;
  const look = async () =>
    databaseUrl === undefined ? "this stack has no database" : triedStatements(databaseUrl, signal);
  const atFirst = limits ? await look() : "";
  for (const target of given.targets) {
    const driven = await driveTarget(target, tokens, signal, true);
    const before = given.untaken.includes(target.name) ? "untaken" : given.baseline[target.name];
    observations.push(...judgeRun(target, driven, before));
    facts[target.name] = factsOf(driven);
    charts.push(...chartsOf(target, driven));
    log(`${target.name}: ${driven.sent} requests, ${observations.at(-1)?.observed}`);
  }
  if (limits) {
    const after = await look();
    if (typeof atFirst === "string" || typeof after === "string")
      observations.push({
        id: "database-mean",
        result: "inconclusive",
        expected: "statistics of the database's statements",
        observed: `pg_stat_statements: ${typeof atFirst === "string" ? atFirst : after}`,
      });
    else observations.push(...judgeStatements(atFirst, after, limits));
  }
  return { observations, facts: { ...facts, charts } };
}

/** One run; `ending` lets it end early when it cannot be kept any more. */
export function driveTarget(
  target: LatencyTarget,
  tokens: string[],
  signal: AbortSignal,
  ending: boolean,
): Promise<Driven> {
  if (target.authorized && tokens.length === 0)
    throw new Error(`target "${target.name}": authorized, but there are no people; add them or leave it out`);
  const headers = target.authorized
    ? tokens.map((token) => ({ ...target.headers, authorization: `Bearer ${token}` }))
    : [target.headers];
  const { url, method, body, perSecond, seconds, warmUpSeconds, timeoutSeconds, status } = target;
  const plan = { url, method, body, perSecond, seconds, warmUpSeconds, timeoutSeconds, status, headers };
  const never = { failures: Number.POSITIVE_INFINITY, slow: [] };
  return driveInThread(
    { ...plan, maximumInFlight: MOST_IN_FLIGHT, abort: ending ? abortOf(target) : never },
    signal,
  );
}

/** A token for each person; they are made up and stand in no table. */
export async function tokensOf(people: LatencyInputs["people"]): Promise<string[]> {
  if (people === undefined) return [];
  const { secret, algorithm, claims, count } = people;
  const spec = { secret: "", algorithm, expiresInSeconds: 86_400 };
  return Promise.all(
    Array.from({ length: count }, () =>
      signToken({ ...spec, claims: { sub: randomUUID(), ...claims } }, secret),
    ),
  );
}
