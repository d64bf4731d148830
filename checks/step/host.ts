// Runs a check for the dynamic-provider process: input validation, deadline, redaction, verdict, evidence.
// Loaded by path at every call (see resource.ts), so code never becomes part of a stack's state.
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { digestJson } from "../canonical-json.ts";
import type { Facts, Finding, Observation, Result, StepContext, StepDefinition } from "./definition.ts";
import { redactor } from "./redaction.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
// An error's details travel as one HTTP/2 header, in base64; 64 KiB are certain to pass.
const LARGEST_ERROR_BYTES = 45_000;
const MOST_REASONS = 12;
const LONGEST_REASON = 600;
const PLAN_SECONDS = 20;

/** A failing observation that a person accepted for a time; kept beside it in the evidence. */
const waiver = () =>
  z.strictObject({
    observation: z.string(),
    person: z.string().min(1),
    reason: z.string().min(1),
    /** First day on which the waiver no longer counts, `YYYY-MM-DD`. */
    expires: z.iso.date(),
  });

/**
 * Checks that are run when this one fails, since nothing after it is: what an earlier step switched off comes back, people are
 * told. `reasonAs` is the input that takes why it failed, `outcomeAs` the one that takes how it ended. Text while they hold values
 * that are not known before `up`.
 */
const onFailure = () =>
  z.union([
    z.array(
      z.strictObject({
        kind: z.string().regex(/^[a-z][a-z-]*$/),
        inputs: z.record(z.string(), z.unknown()),
        reasonAs: z.string().optional(),
        outcomeAs: z.string().optional(),
      }),
    ),
    z.string(),
  ]);

/** Inputs that every step has beside its own. */
const common = () =>
  z.object({
    kind: z.string().regex(/^[a-z][a-z-]*$/),
    name: z.string().min(1),
    deadlineSeconds: z.number().int().min(1).max(86_400).optional(),
    enforcement: z.enum(["mandatory", "advisory"]).optional(),
    waivers: z.array(waiver()).optional(),
    onFailure: onFailure().optional(),
  });
type Common = z.output<ReturnType<typeof common>>;

export type Raw = { [key: string]: unknown };
type Split = {
  common: Common;
  own: Raw;
  unknown: string[];
  failures: { property: string; reason: string }[];
};

/** What a check observed that ran because a step failed. */
interface AfterFailure {
  kind: string;
  observations: Observation[];
}

/** What a step keeps in the stack's state; its evidence. Times are RFC 3339 UTC. */
export interface Outcome {
  kind: string;
  name: string;
  result: Result;
  observations: Observation[];
  facts: Facts;
  startedAt: string;
  finishedAt: string;
  durationSeconds: number;
  digest: string;
  /** What the preview said. */
  plan?: string[];
  waivers?: z.output<ReturnType<typeof waiver>>[];
  afterFailure?: AfterFailure[];
}

/** Steps that a program declared in this run, by kind and name. */
const declared = new Set<string>();

async function load(kind: string): Promise<StepDefinition> {
  const module: { step: StepDefinition } = await import(new URL(`../${kind}.ts`, import.meta.url).href);
  return module.step;
}

function mentionsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(mentionsUnknown);
}

/** Separates the common inputs from the check's own and judges all values that are known. */
function split(definition: StepDefinition, raw: Raw): Split {
  const {
    __provider,
    plan,
    observations,
    facts,
    result,
    startedAt,
    finishedAt,
    durationSeconds,
    digest,
    afterFailure: _afterFailure,
    ...rest
  } = raw;
  const shared = common().parse(rest);
  const own = Object.fromEntries(Object.entries(rest).filter(([key]) => !(key in common().shape)));
  const unknown = Object.keys(own).filter((key) => mentionsUnknown(own[key]));
  const known = Object.fromEntries(Object.entries(own).filter(([key]) => !unknown.includes(key)));
  const parsed = definition.inputs().safeParse(known);
  const failures = (parsed.error?.issues ?? [])
    .filter((issue) => !unknown.includes(String(issue.path[0])))
    .map((issue) => ({ property: issue.path.join(".") || shared.kind, reason: issue.message }));
  return { common: shared, own: parsed.data ?? known, unknown, failures };
}

/** Fingerprint of what the step depends on. */
function digestOf(definition: StepDefinition, inputs: Split): string {
  const identity = definition.rerun === "always" ? null : definition.rerun(inputs.own);
  return digestJson(identity);
}

function contextOf(
  step: Common,
  redact: <T>(value: T) => T,
  signal: AbortSignal,
  previous?: Facts,
): StepContext {
  return {
    name: `${step.kind} "${step.name}"`,
    log: (line) => console.log(redact(`${step.name}: ${line}`)),
    signal,
    previous,
  };
}

/** Validates inputs and, for a preview's sake, states what the step would do. */
export async function check(
  raw: Raw,
): Promise<{ inputs: Raw; failures: { property: string; reason: string }[] }> {
  declared.add(identityOf(raw));
  const definition = await load(String(raw.kind));
  const inputs = split(definition, raw);
  if (inputs.failures.length > 0 || !definition.plan) return { inputs: raw, failures: inputs.failures };
  const redact = redactor(inputs.unknown.length === 0 ? definition.secrets(inputs.own) : textsOf(inputs.own));
  const context = contextOf(inputs.common, redact, AbortSignal.timeout(PLAN_SECONDS * 1000));
  try {
    return { inputs: { ...raw, plan: redact(await definition.plan(inputs.own, context)) }, failures: [] };
  } catch (error) {
    return { inputs: raw, failures: [{ property: inputs.common.name, reason: redact(messageOf(error)) }] };
  }
}

/** Everything that looks like an address with a password: what is known to be secret while other inputs are not known yet. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return /:\/\/[^/]*:[^/]*@/.test(value) ? [value] : [];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(textsOf);
}

function identityOf(raw: Raw): string {
  return `${raw.kind} ${raw.name}`;
}

/** Whether the step has to run. Without a check before it a refresh asks, which runs nothing: evidence does not change by itself. */
export async function diff(olds: Raw, news: Raw): Promise<{ changes: boolean }> {
  if (!declared.has(identityOf(news))) return { changes: false };
  const definition = await load(String(news.kind));
  const inputs = split(definition, news);
  if (definition.rerun === "always" || inputs.unknown.length > 0 || olds.result !== "passed")
    return { changes: true };
  if (digestOf(definition, inputs) !== olds.digest) return { changes: true };
  return { changes: await askedAgain(definition, inputs, factsOf(olds) ?? {}) };
}

/** Whether the step itself wants to run again; that it cannot be asked changes nothing. */
async function askedAgain(definition: StepDefinition, inputs: Split, previous: Facts): Promise<boolean> {
  if (!definition.again) return false;
  const redact = redactor(definition.secrets(inputs.own));
  const context = contextOf(inputs.common, redact, AbortSignal.timeout(PLAN_SECONDS * 1000), previous);
  try {
    return await definition.again(inputs.own, previous, context);
  } catch {
    return false;
  }
}

/**
 * Runs the step and judges it.
 * @throws with `id`, `properties` and `reasons` when a mandatory observation failed, so that the evidence stays in state.
 */
export async function execute(
  raw: Raw,
  id: string | undefined,
  olds: Raw | undefined,
): Promise<{ id: string; outs: Outcome }> {
  const definition = await load(String(raw.kind));
  const inputs = split(definition, raw);
  const [fault] = inputs.failures;
  if (fault) {
    const lines = [`${inputs.common.kind} "${inputs.common.name}": ${fault.property}: ${fault.reason}`];
    throw new Error((await afterFailure(inputs.common, lines)).told.join("\n"));
  }
  const redact = redactor(definition.secrets(inputs.own));
  const startedAt = new Date();
  const { finding, problem } = await attempt(definition, inputs, redact, factsOf(olds));
  const finishedAt = new Date();
  const nothing = finding.observations.length === 0 ? ["nothing was observed, so nothing is proven"] : [];
  const reasons =
    problem === undefined ? [...failuresOf(finding, inputs.common, startedAt), ...nothing] : [problem];
  const enforced = inputs.common.enforcement !== "advisory";
  const outs: Outcome = redact({
    kind: inputs.common.kind,
    name: inputs.common.name,
    result: verdict(finding, problem),
    ...finding,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    durationSeconds: (finishedAt.getTime() - startedAt.getTime()) / 1000,
    digest: digestOf(definition, inputs),
    ...(Array.isArray(raw.plan) ? { plan: raw.plan.map(String) } : {}),
    ...(inputs.common.waivers?.length ? { waivers: inputs.common.waivers } : {}),
  });
  const stepId = id ?? `${inputs.common.kind}-${randomBytes(6).toString("hex")}`;
  if (reasons.length === 0 || !enforced) return { id: stepId, outs };
  const failed = few(redact(reasons)).map(
    (reason) => `${inputs.common.kind} "${inputs.common.name}": ${reason}`,
  );
  const { told: shown, outcomes } = await afterFailure(inputs.common, failed, outs);
  throw Object.assign(new Error(shown.join("\n")), {
    id: stepId,
    // The reasons travel twice: as the message, and one by one.
    properties: {
      ...shortened(
        { ...outs, ...(outcomes.length > 0 ? { afterFailure: outcomes } : {}) },
        2 * Buffer.byteLength(shown.join("\n")),
      ),
      __provider: raw.__provider,
    },
    reasons: shown,
  });
}

/** Runs the checks for failures: a line on how each went, in its own words and without its secrets, and what it observed. */
async function afterFailure(
  { onFailure: wanted }: Common,
  reasons: string[],
  ended?: Outcome,
): Promise<{ told: string[]; outcomes: AfterFailure[] }> {
  const told = [...reasons];
  const outcomes: AfterFailure[] = [];
  for (const { kind, inputs, reasonAs, outcomeAs } of typeof wanted === "string" ? [] : (wanted ?? [])) {
    const known = {
      ...(reasonAs === undefined ? {} : { [reasonAs]: told.join("\n") }),
      ...(outcomeAs === undefined || ended === undefined ? {} : { [outcomeAs]: ended }),
    };
    try {
      const { outs } = await execute({ ...inputs, ...known, kind, name: kind }, undefined, undefined);
      outcomes.push({ kind, observations: outs.observations });
      if (outs.result === "notApplicable") continue;
      told.push(`${kind}: ${outs.observations.map(({ id, observed }) => `${id} ${observed}`).join(", ")}`);
    } catch (error) {
      told.push(`${kind} failed, too: ${messageOf(error)}; put it right by hand`);
    }
  }
  return { told, outcomes };
}

async function attempt(
  definition: StepDefinition,
  inputs: Split,
  redact: <T>(value: T) => T,
  previous?: Facts,
) {
  const seconds = inputs.common.deadlineSeconds ?? definition.deadlineSeconds;
  const late = new Error(
    `not finished after ${seconds} s; raise deadlineSeconds or find out what it waits for`,
  );
  const deadline = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      deadline.abort(late);
      // A moment for the check to clean up and to say more than "late".
      timer = setTimeout(() => reject(late), 5_000);
    }, seconds * 1000);
  });
  try {
    const running = definition.run(inputs.own, contextOf(inputs.common, redact, deadline.signal, previous));
    return { finding: await Promise.race([running, overdue]), problem: undefined };
  } catch (error) {
    const empty: Finding = { observations: [], facts: {} };
    return { finding: empty, problem: deadline.signal.aborted ? late.message : messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

function failuresOf(finding: Finding, step: Common, now: Date): string[] {
  const today = now.toISOString().slice(0, 10);
  const waived = new Set((step.waivers ?? []).filter((w) => today < w.expires).map((w) => w.observation));
  return finding.observations
    .filter((o) => (o.result === "failed" || isBlind(o)) && !waived.has(o.id))
    .map(
      (o) =>
        `${o.id}: ${o.observed}, want ${o.expected}${o.result === "inconclusive" ? " (inconclusive)" : ""}`,
    );
}

function verdict(finding: Finding, problem: string | undefined): Result {
  if (problem !== undefined || finding.observations.some((o) => o.result === "failed")) return "failed";
  // What is due later says nothing yet; the others decide.
  const results = finding.observations.filter((o) => !isPending(o)).map((o) => o.result);
  // A step that looked at nothing has proven nothing.
  if (results.includes("inconclusive") || results.length === 0) return "inconclusive";
  return results.every((result) => result === "notApplicable") ? "notApplicable" : "passed";
}

/** Good so far, and due later. */
function isPending(observation: Observation): boolean {
  return observation.result === "inconclusive" && observation.pendingUntil !== undefined;
}

/** No data came where it should have come by now. */
function isBlind(observation: Observation): boolean {
  return observation.result === "inconclusive" && observation.pendingUntil === undefined;
}

function factsOf(olds: Raw | undefined): Facts | undefined {
  const facts = olds?.facts;
  return facts !== null && typeof facts === "object" ? (facts as Facts) : undefined;
}

/** So many that the transport takes them; all of them are in the evidence. */
function few(reasons: string[]): string[] {
  const told = reasons
    .slice(0, MOST_REASONS)
    .map((reason) => (reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)} …` : reason));
  const more = reasons.length - told.length;
  return more > 0 ? [...told, `and ${more} more`] : told;
}

/** The evidence with as much of its texts as the transport takes; every observation keeps its result while that fits. */
function shortened(outs: Outcome, spentBytes: number): Outcome {
  const telling = outs.observations.filter((o) => o.result !== "passed").slice(0, 10);
  const { plan: _said, ...slim } = outs;
  const candidates = [
    outs,
    { ...slim, facts: {} },
    { ...slim, facts: {}, observations: clipped(outs.observations, 60) },
    { ...slim, facts: {}, observations: clipped(telling, 300) },
  ];
  const left = LARGEST_ERROR_BYTES - spentBytes;
  const fitting = candidates.find((one) => Buffer.byteLength(JSON.stringify(one)) <= left);
  return fitting ?? { ...slim, facts: {}, observations: [] };
}

function clipped(observations: Observation[], length: number): Observation[] {
  return observations.map((o) => ({
    ...o,
    expected: o.expected.slice(0, length),
    observed: o.observed.slice(0, length),
  }));
}

/** The message with its causes: a failed fetch says why only in its cause. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}

export async function remove(props: Raw): Promise<void> {
  const definition = await load(String(props.kind));
  const step = common().parse({ kind: props.kind, name: props.name });
  await definition.remove?.(
    factsOf(props) ?? {},
    contextOf(step, (value) => value, AbortSignal.timeout(60_000)),
  );
}
