// Proves that users' journeys through the released version end as wanted, down to the rows, keys and messages that they
// leave. Says nothing about journeys that are not in the file, nor about load.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { baseUrl } from "./http/base-url.ts";
import type { JourneyFile } from "./smoke/journey.ts";
import type { Provided } from "./smoke/lint.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep, type Facts, type Finding, observe, type StepContext } from "./step/definition.ts";
import { passwordsOf, redactor } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    /** Journey file (YAML), from the program's directory. Its format: checks/smoke/journey.ts. */
    file: z.string().min(1),
    /** Names of the journeys that are run. @default all */
    only: z.array(z.string()).default([]),
    /** Where the application answers, e.g. `https://api.example.com`. */
    baseUrl: baseUrl(),
    /** The release under test; `${release}` in journeys. */
    release: z.string().default(""),
    /** The version of the application's variables in the vault; `${variablesVersion}` in journeys. */
    variablesVersion: z.string().default(""),
    /** Further names for journeys, e.g. `{ tenant: "demo" }`. */
    variables: z.record(z.string(), z.string()).default({}),
    /** Secrets by the name that the file uses, e.g. `jwtSecret`: they sign tokens and bodies, and stand for `${name}`. */
    secrets: z.record(z.string(), z.string().min(1)).default({}),
    /** For `sql` steps; a role that may read what journeys write. */
    databaseUrl: z.string().optional(),
    /** For `redis` steps. */
    redisUrl: z.string().optional(),
    /** CA of the Redis server, PEM file. @default the system's */
    redisCaFile: z.string().optional(),
    /** Where mails and webhooks arrive: `GET /messages?kind=…&contains=…` answers a JSON list. */
    sinkUrl: z.url().optional(),
    /** Makes the journeys run again when one changes, e.g. when the release step last ran. */
    triggers: z.array(z.string()).default([]),
    /** Longest time for all journeys together, 1 to 3600 s. @default 300 */
    suiteSeconds: z.number().min(1).max(3600).default(300),
  });
type SmokeInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: (given) => [
    ...Object.values(given.secrets),
    ...passwordsOf(given.databaseUrl ?? ""),
    ...passwordsOf(given.redisUrl ?? ""),
    ...passwordsOf(given.baseUrl),
  ],
  // Journeys write to the system, so they run for what was released, not for every look; health looks every time.
  rerun: ({ file, baseUrl, release, variables, triggers }) => ({
    journeys: createHash("sha256").update(readFileSync(file)).digest("hex"),
    baseUrl,
    release,
    variables,
    triggers,
  }),
  deadlineSeconds: 900,
  allowedSeconds: ({ suiteSeconds }) => suiteSeconds,
  async plan({ file, only = [], variables = {}, secrets = {} }) {
    if (file === undefined) return [];
    const { readJourneys, selected } = await import("./smoke/journey.ts");
    const read = selected(await readJourneys(file), only);
    const names = Object.keys(secrets);
    await refuseFaults(file, read, {
      variables: Object.keys(variables),
      // None may be because they are not known yet, as addresses that are not there.
      secrets: names.length > 0 ? names : undefined,
      ...{ database: true, redis: true, sink: true },
    });
    const { journeys } = read;
    return journeys.map((j) => `journey ${j.name}: ${j.title} (${j.steps.length} steps)`);
  },
  run: runAll,
});

async function runAll(given: SmokeInputs, { log, signal }: StepContext): Promise<Finding> {
  const { readJourneys, selected } = await import("./smoke/journey.ts");
  const { performer, signToken } = await import("./smoke/actions.ts");
  const { runJourney } = await import("./smoke/run.ts");
  const { substitute } = await import("./smoke/substitution.ts");

  const file = selected(await readJourneys(given.file), given.only);
  await refuseFaults(given.file, file, {
    variables: Object.keys(given.variables),
    secrets: Object.keys(given.secrets),
    database: given.databaseUrl !== undefined,
    redis: given.redisUrl !== undefined,
    sink: given.sinkUrl !== undefined,
  });

  const run = `run-${randomBytes(6).toString("hex")}`;
  const own = { release: given.release, variablesVersion: given.variablesVersion };
  const values = { ...file.variables, ...given.variables, ...given.secrets, ...own, run };
  const tokens: { [name: string]: string } = {};
  for (const [name, spec] of Object.entries(file.tokens))
    tokens[name] = await signToken(substitute(spec, values), given.secrets[spec.secret] ?? "");

  // A server may answer with them, e.g. in an error; for their time they open as much as a password.
  const hidden = redactor(Object.values(tokens));
  const started = performance.now();
  const { baseUrl, sinkUrl, secrets, databaseUrl, redisUrl, redisCaFile } = given;
  const perform = performer({ baseUrl, sinkUrl, tokens, secrets, databaseUrl, redisUrl, redisCaFile });
  const finding: Finding = { observations: [], facts: { run, file: given.file } };
  const journeys: Facts = {};
  for (const journey of file.journeys) {
    const result = hidden(await runJourney(journey, values, perform, signal));
    finding.observations.push(...result.observations);
    journeys[journey.name] = result.fact;
    log(`${journey.name} ${result.observations[0]?.result}: ${result.observations[0]?.observed}`);
  }
  const seconds = (performance.now() - started) / 1000;
  finding.observations.push(
    observe(
      "duration",
      seconds <= given.suiteSeconds,
      `all journeys within ${given.suiteSeconds} s`,
      `${file.journeys.length} journeys in ${seconds.toFixed(1)} s`,
    ),
  );
  return { ...finding, facts: { ...finding.facts, journeys, seconds } };
}

async function refuseFaults(path: string, file: JourneyFile, provided: Provided): Promise<void> {
  const { lintJourneys } = await import("./smoke/lint.ts");
  const faults = lintJourneys(file, provided);
  if (faults.length > 0) throw new Error(`journeys "${path}": ${faults.join("; ")}`);
}

/** Evidence: one observation a journey, one a step (`<journey>-<step>`), and `duration`. */
export class Smoke extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("smoke", name, args, opts);
  }
}
