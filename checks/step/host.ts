// Runs a check for the dynamic-provider process: input validation, deadline, redaction, verdict, evidence.
// Loaded by path at every call (see resource.ts), so code never becomes part of a stack's state.
import { randomBytes } from "node:crypto";
import type { Facts, Finding, StepContext, StepDefinition } from "./definition.ts";
import { type Common, common, digestOf, load, type Raw, type Split, split } from "./inputs.ts";
import { messageOf } from "./message.ts";
import type { AfterFailure, Outcome } from "./outcome.ts";
import { redactor } from "./redaction.ts";
import { few, shortened } from "./told.ts";
import { faultsOf, verdict } from "./verdict.ts";

const PLAN_SECONDS = 20;
// Before and after what the inputs give time for.
const AROUND_SECONDS = 120;

/** Steps that a program declared in this run, by kind and name. */
const declared = new Set<string>();

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

/** Validates inputs and, in a preview, states what the step would do: an update does it, in a moment. */
export async function check({
  preview,
  ...raw
}: Raw): Promise<{ inputs: Raw; failures: { property: string; reason: string }[] }> {
  declared.add(identityOf(raw));
  const definition = await load(String(raw.kind));
  const inputs = split(definition, raw);
  if (preview !== true || inputs.failures.length > 0 || !definition.plan)
    return { inputs: raw, failures: inputs.failures };
  const redact = redactor(inputs.unknown.length === 0 ? definition.secrets(inputs.own) : textsOf(inputs.own));
  const seconds = definition.planSeconds?.(inputs.own) ?? PLAN_SECONDS;
  const context = contextOf(inputs.common, redact, AbortSignal.timeout(seconds * 1000));
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
  const previous = factsOf(olds);
  const { finding, problem } = await attempt(definition, inputs, redact, previous);
  const finishedAt = new Date();
  const nothing = finding.observations.length === 0 ? ["nothing was observed, so nothing is proven"] : [];
  const { stopping, waived } = faultsOf(finding, inputs.common, startedAt);
  const reasons = problem === undefined ? [...stopping, ...nothing] : [problem];
  const isAdvisory = inputs.common.enforcement === "advisory";
  const accepted = [...waived, ...(isAdvisory ? reasons.map((reason) => `${reason}; advisory`) : [])];
  const outs: Outcome = redact({
    kind: inputs.common.kind,
    name: inputs.common.name,
    result: verdict(finding, problem),
    ...finding,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    durationSeconds: (finishedAt.getTime() - startedAt.getTime()) / 1000,
    digest: digestOf(definition, inputs),
    ...(problem !== undefined && previous ? { earlier: previous } : {}),
    ...(accepted.length > 0 && (isAdvisory || reasons.length === 0) ? { accepted } : {}),
    ...(inputs.common.waivers?.length ? { waivers: inputs.common.waivers } : {}),
  });
  const stepId = id ?? `${inputs.common.kind}-${randomBytes(6).toString("hex")}`;
  if (reasons.length === 0 || isAdvisory) return { id: stepId, outs };
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
  const seconds = inputs.common.deadlineSeconds ?? usualDeadline(definition, inputs);
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

/** Nobody should have to say twice that a step may take long. */
function usualDeadline({ deadlineSeconds, allowedSeconds }: StepDefinition, { own }: Split): number {
  const allowed = allowedSeconds ? Math.ceil(allowedSeconds(own)) + AROUND_SECONDS : 0;
  return Math.max(deadlineSeconds, allowed);
}

/** Of the last run that came to its end. */
function factsOf(olds: Raw | undefined): Facts | undefined {
  const facts = olds?.earlier ?? olds?.facts;
  return facts !== null && typeof facts === "object" ? (facts as Facts) : undefined;
}

export async function remove(props: Raw): Promise<void> {
  const definition = await load(String(props.kind));
  const step = common().parse({ kind: props.kind, name: props.name });
  await definition.remove?.(
    factsOf(props) ?? {},
    contextOf(step, (value) => value, AbortSignal.timeout(60_000)),
  );
}
