// The run of the secrets step: ages, retired values, and trials of the values in use and of those before them.
import { createHash } from "node:crypto";
import type { SecretsInputs } from "../secrets.ts";
import { type Facts, type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { kebab } from "../step/kebab.ts";
import { messageOf } from "../step/message.ts";
import { type Age, ageOf, daysSince } from "./age.ts";
import { type Trial, tryDatabase, tryToken } from "./trial.ts";
import { readVault, type Vault } from "./vault.ts";

/** Does not throw: since when a value is in use is remembered by the facts, which a run without any would lose. */
export async function runSecrets(given: SecretsInputs, context: StepContext): Promise<Finding> {
  const vault = await readVault(given.secret, context.signal).catch(messageOf);
  if (typeof vault === "string") return unread(given, vault, context.previous);
  const { current, previous } = vault;
  const ages = Object.fromEntries(
    given.variables.map((variable) => [variable, ageOf(variable, vault, context.previous)] as const),
  );
  const judged = Object.entries(ages).map(([variable, age]) => judgeValue(variable, age, given, vault));
  const trials: Observation[] = [];
  for (const { variable, attempt } of trialsOf(given, context.signal)) {
    context.log(`trying ${variable}${previous ? " and the value before it" : ""}`);
    trials.push(...(await judgeTrials(variable, attempt, vault)));
  }
  return {
    observations: [...judged, ...trials],
    facts: {
      versionId: current.id,
      previousVersionId: previous?.id ?? null,
      variables: Object.fromEntries(Object.entries(ages).map(([name, age]) => [name, { ...age }])),
    },
  };
}

function unread({ secret, variables }: SecretsInputs, fault: string, previous: Facts = {}): Finding {
  // Some of the service's messages name it, and ours do.
  const observed = fault.includes(secret) ? fault : `secret "${secret}": ${fault}`;
  const expected = "the secret can be read";
  return {
    observations: variables.map((name) => ({ id: kebab(name), result: "inconclusive", expected, observed })),
    facts: previous,
  };
}

function judgeValue(variable: string, age: Age, given: SecretsInputs, { current }: Vault): Observation {
  const id = kebab(variable);
  const { maximumAgeDays } = given;
  const retired = given.retired[variable] ?? [];
  const expected = `a value at most ${maximumAgeDays} days old${retired.length > 0 ? ` and none of ${retired.length} retired ones` : ""}`;
  const value = current.variables[variable];
  if (value === undefined || value === "") return observe(id, false, expected, "no value in the vault");
  if (retired.includes(createHash("sha256").update(value).digest("hex")))
    return observe(id, false, expected, "a retired value is in use");
  const history =
    age.replacedAt === null ? "the first value in the vault" : `replaced another value at ${age.replacedAt}`;
  const observed = `in use since ${age.since}, ${history}`;
  if (daysSince(age.since, new Date()) > maximumAgeDays) return observe(id, false, expected, observed);
  // A value that somebody gave may have been in use for years before it came into the vault.
  if (age.replacedAt === null && retired.length === 0 && !given.generated.includes(variable))
    return {
      id,
      result: "inconclusive",
      expected,
      observed: `${observed}, and given by somebody: nothing tells whether it is new; rotate it, or name digests of former values in \`retired\``,
    };
  return observe(id, true, expected, observed);
}

interface TrialOf {
  variable: string;
  attempt(value: string): Promise<Trial>;
}

function trialsOf({ database, token }: SecretsInputs, signal: AbortSignal): TrialOf[] {
  return [
    ...(database
      ? [{ variable: database.variable, attempt: (value: string) => tryDatabase(value, database.caFile) }]
      : []),
    ...(token
      ? [{ variable: token.variable, attempt: (value: string) => tryToken(value, token, signal) }]
      : []),
  ];
}

/** The value in use works, and the one before it does not. */
async function judgeTrials(
  variable: string,
  attempt: TrialOf["attempt"],
  { current, previous }: Vault,
): Promise<Observation[]> {
  const id = kebab(variable);
  const value = current.variables[variable];
  if (!value) return [observe(`${id}-accepted`, false, "a value in the vault", "none")];
  const now = await attempt(value);
  const accepted = observe(
    `${id}-accepted`,
    now.outcome === "accepted",
    "the vault's value is accepted",
    now.seen,
  );
  const old = previous?.variables[variable];
  const expected = "the value before it is refused";
  // A secret is often made with empty variables, which open nothing.
  if (!old || old === value) {
    const observed = !old
      ? "the vault holds no earlier value"
      : "the last version of the secret changed other variables";
    return [accepted, { id: `${id}-replaced`, result: "notApplicable", expected, observed }];
  }
  const before = await attempt(old);
  return [accepted, observe(`${id}-replaced`, before.outcome === "refused", expected, before.seen)];
}
