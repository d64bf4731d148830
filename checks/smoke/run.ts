// Runs journeys one after another. A step that fails ends its journey, whose later steps are reported as not run; clean-up
// steps run in any case.
import {
  type Answer,
  type Expectation,
  expectation,
  faultsOf,
  renderExpectation,
} from "../http/expectation.ts";
import { valueAt } from "../http/json-path.ts";
import { type Fact, type Observation, observe } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";
import { waitUntil } from "../wait.ts";
import type { Journey, JourneyStep } from "./journey.ts";
import { namesIn, substitute, type Values } from "./substitution.ts";

/** Performs a step's action, whose names are replaced already. */
export type Perform = (action: JourneyStep, signal: AbortSignal) => Promise<Answer>;

export interface JourneyResult {
  observations: Observation[];
  fact: Fact;
}

/** Runs one journey with its clean-up; `values` are the names that it starts with. */
export async function runJourney(
  journey: Journey,
  values: Values,
  perform: Perform,
  signal: AbortSignal,
): Promise<JourneyResult> {
  const started = performance.now();
  const known = { ...values };
  const isBegun = !signal.aborted;
  const observations: Observation[] = [];
  let failedAt: string | undefined;
  for (const step of journey.steps) {
    const observed =
      failedAt === undefined
        ? await stoppable(step, known, perform, signal)
        : {
            result: "inconclusive" as const,
            expected: expectedOf(step),
            observed: `not run: ${failedAt} failed`,
          };
    if (observed.result === "failed") failedAt = step.name;
    observations.push({ id: `${journey.name}-${step.name}`, ...observed });
  }
  const seconds = (performance.now() - started) / 1000;
  const passed = observations.filter((o) => o.result === "passed").length;
  const whole = observe(
    journey.name,
    failedAt === undefined,
    `${journey.title}: all ${journey.steps.length} steps as wanted`,
    `${passed} of ${journey.steps.length} steps as wanted in ${seconds.toFixed(1)} s${failedAt === undefined ? "" : `; failed at ${failedAt}`}`,
  );
  const cleanup = await cleanUp(journey, isBegun, known, perform, signal);
  return {
    observations: [whole, ...observations, ...cleanup],
    fact: { title: journey.title, steps: journey.steps.length, seconds },
  };
}

type Observed = Omit<Observation, "id">;

/**
 * A step that the deadline ends has failed, as has one that cannot be judged, e.g. for a pattern that is none with the value in
 * it; what was seen before it stays on record, and the clean-up still runs.
 */
async function stoppable(
  step: JourneyStep,
  known: Values,
  perform: Perform,
  signal: AbortSignal,
): Promise<Observed> {
  try {
    return await runStep(step, known, perform, signal);
  } catch (error) {
    const observed = signal.aborted ? `stopped: ${messageOf(signal.reason)}` : messageOf(error);
    return { result: "failed", expected: expectedOf(step), observed };
  }
}

async function runStep(
  step: JourneyStep,
  known: Values,
  perform: Perform,
  signal: AbortSignal,
): Promise<Observed> {
  const action = substitute({ ...step, capture: {} }, known);
  const wanted = wantedOf(action);
  const look = async () => judge(await tried(() => perform(action, signal), signal), wanted);
  const seen =
    step.waitSeconds === undefined
      ? { value: await look(), seconds: undefined }
      : await waitUntil(look, ({ faults }) => faults.length === 0, {
          withinSeconds: step.waitSeconds,
          everySeconds: step.everySeconds,
          signal,
        });
  const { answer, faults } = seen.value;
  const isLate = seen.seconds !== undefined && seen.seconds > (step.waitSeconds ?? 0);
  if (isLate && faults.length === 0) faults.push(`${summary(answer)}, too late`);
  if (answer && faults.length === 0) faults.push(...keep(step.capture, answer, known));
  const within = step.waitSeconds === undefined ? "" : ` within ${step.waitSeconds} s`;
  const after = seen.seconds === undefined ? "" : ` after ${seen.seconds.toFixed(1)} s`;
  return {
    result: faults.length === 0 ? "passed" : "failed",
    expected: `${expectedOf({ ...action, title: step.title })}${within}`,
    observed: (faults.join("; ") || summary(answer)) + after,
  };
}

/**
 * Steps of the clean-up whose names all have a value; a fault is reported and the next step still runs. Of the others nobody
 * knows whether there is something to remove: a refused request may have left its row.
 */
async function cleanUp(
  journey: Journey,
  isBegun: boolean,
  known: Values,
  perform: Perform,
  signal: AbortSignal,
): Promise<Observation[]> {
  if (journey.cleanup.length === 0) return [];
  const id = `${journey.name}-cleanup`;
  const expected = "what the journey made is removed";
  if (!isBegun)
    return [{ id, result: "inconclusive", expected, observed: "not run: the journey was not begun" }];
  // The step's deadline may be over already: what was made is still taken away, for a moment.
  const grace = signal.aborted ? AbortSignal.timeout(4_000) : signal;
  const faults: string[] = [];
  const left: string[] = [];
  for (const step of journey.cleanup) {
    const actions = [step.request, step.sql, step.redis, step.sink, step.expect];
    if (namesIn(actions).some((name) => !Object.hasOwn(known, name))) {
      left.push(step.name);
      continue;
    }
    const { result, observed } = await stoppable(step, known, perform, grace);
    if (result === "failed") faults.push(`${step.name}: ${observed}`);
  }
  if (faults.length > 0) return [observe(id, false, expected, faults.join("; "))];
  const count = journey.cleanup.length;
  const seen = `${count - left.length} of ${count} steps run`;
  if (left.length === 0) return [observe(id, true, expected, seen)];
  const missed = `${seen}; not run for want of what the journey did not see: ${left.join(", ")}`;
  return [{ id, result: "inconclusive", expected, observed: missed }];
}

type Tried = { answer: Answer } | { answer?: undefined; fault: string };

/** No answer is a fault of the step, not an end of the run. */
async function tried(act: () => Promise<Answer>, signal: AbortSignal): Promise<Tried> {
  try {
    return { answer: await act() };
  } catch (error) {
    if (signal.aborted || !(error instanceof Error)) throw error;
    return { fault: error.message };
  }
}

function judge(seen: Tried, wanted: Expectation): { answer?: Answer; faults: string[] } {
  if (seen.answer === undefined) return { faults: [seen.fault] };
  return { answer: seen.answer, faults: faultsOf(seen.answer, wanted) };
}

// Made once: it takes longer than many a step.
let schema: ReturnType<typeof expectation> | undefined;

function wantedOf(step: JourneyStep): Expectation {
  schema ??= expectation();
  const parsed = schema.safeParse(step.expect ?? {});
  if (!parsed.success)
    throw new Error(
      parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
    );
  // As an answer to a request is to be 2xx: a list without any message is no message.
  if (step.sink && Object.keys(parsed.data.json).length === 0)
    return { ...parsed.data, json: { "$.count": { atLeast: 1 } } };
  return parsed.data;
}

function keep(captures: { [name: string]: string }, answer: Answer, known: Values): string[] {
  return Object.entries(captures).flatMap(([name, path]) => {
    const value = valueAt(answer.json, path);
    if (value === undefined) return [`${path}: nothing, want a value for "${name}"`];
    known[name] = value;
    return [];
  });
}

function expectedOf(step: JourneyStep): string {
  const action = step.request
    ? `${step.request.method} ${step.request.path}`
    : step.sql
      ? "database"
      : step.redis
        ? `redis ${step.redis.command[0]}`
        : `${step.sink?.kind} at the sink`;
  const what = step.title === undefined ? action : `${step.title} (${action})`;
  return `${what}: ${renderExpectation(wantedOf(step), step.request !== undefined)}`;
}

function summary(answer: Answer | undefined): string {
  if (answer?.status !== undefined) return `status ${answer.status} in ${Math.round(answer.milliseconds)} ms`;
  return `as wanted in ${Math.round(answer?.milliseconds ?? 0)} ms`;
}
