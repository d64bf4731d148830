// Faults of a journey file that its schema cannot see: names without a value, tokens and secrets that do not exist,
// observation ids that occur twice. Found before the first request is sent.
import { parsePath } from "../http/json-path.ts";
import type { Journey, JourneyFile, JourneyStep } from "./journey.ts";
import { namesIn } from "./substitution.ts";

/** What the stack provides to the file. */
export interface Provided {
  variables: string[];
  /** Undefined where a preview does not know them yet: names are then not judged. */
  secrets: string[] | undefined;
  database: boolean;
  redis: boolean;
  sink: boolean;
}

/** One line a fault, `<journey>.<step>: …`; empty when the file can run. */
export function lintJourneys(file: JourneyFile, provided: Provided): string[] {
  const known = provided.secrets && [
    ...["run", "release", "variablesVersion"],
    ...Object.keys(file.variables),
    ...provided.variables,
    ...provided.secrets,
  ];
  return [
    ...Object.entries(file.tokens).flatMap(([name, token]) => [
      ...secretFault(token.secret, provided).map((fault) => `token ${name}: ${fault}`),
      ...unknownNames(token.claims, known).map((missing) => `token ${name}: "\${${missing}}" has no value`),
    ]),
    ...file.journeys.flatMap((journey) => lintJourney(journey, file, known, provided)),
    ...repeated(file.journeys.flatMap(idsOf)).map((id) => `observation id "${id}" occurs twice`),
  ];
}

/** The observation ids that a journey produces. */
export function idsOf(journey: Journey): string[] {
  return [
    journey.name,
    ...journey.steps.map((step) => `${journey.name}-${step.name}`),
    ...(journey.cleanup.length > 0 ? [`${journey.name}-cleanup`] : []),
  ];
}

function lintJourney(
  journey: Journey,
  file: JourneyFile,
  known: string[] | undefined,
  provided: Provided,
): string[] {
  const captured = known && [...known];
  const faults: string[] = [];
  for (const step of [...journey.steps, ...journey.cleanup]) {
    const where = `${journey.name}.${step.name}`;
    const { title, request, sql, redis, sink, expect } = step;
    const missing = unknownNames([title, request, sql, redis, sink, expect], captured);
    faults.push(...missing.map((name) => `${where}: "\${${name}}" has no value before this step`));
    faults.push(...lintStep(step, file, provided).map((fault) => `${where}: ${fault}`));
    captured?.push(...Object.keys(step.capture));
  }
  return faults;
}

function lintStep(step: JourneyStep, file: JourneyFile, provided: Provided): string[] {
  const { token, signature } = step.request ?? {};
  const lacks = (needed: unknown, given: boolean, what: string) =>
    needed !== undefined && !given ? [`needs ${what}, which this stack does not give`] : [];
  return [
    ...(token !== undefined && !Object.hasOwn(file.tokens, token)
      ? [`token "${token}" is not in tokens`]
      : []),
    ...(signature === undefined ? [] : secretFault(signature.secret, provided)),
    ...(step.request === undefined && step.expect?.status !== undefined
      ? ["expects a status, which only an answer to a request has"]
      : []),
    ...lacks(step.sql, provided.database, "databaseUrl"),
    ...lacks(step.redis, provided.redis, "redisUrl"),
    ...lacks(step.sink, provided.sink, "sinkUrl"),
    ...Object.values(step.capture).flatMap(pathFault),
    // With names it is known only when they have their values.
    ...Object.keys(step.expect?.json ?? {})
      .filter((path) => namesIn(path).length === 0)
      .flatMap(pathFault),
  ];
}

function secretFault(name: string, { secrets }: Provided): string[] {
  if (secrets === undefined || secrets.includes(name)) return [];
  return [`secret "${name}" is not among the stack's (${secrets.join(", ")})`];
}

function pathFault(path: string): string[] {
  try {
    parsePath(path);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function unknownNames(value: unknown, known: string[] | undefined): string[] {
  if (known === undefined) return [];
  return [...new Set(namesIn(value))].filter((name) => !known.includes(name));
}

function repeated(ids: string[]): string[] {
  return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
}
