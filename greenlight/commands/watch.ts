// `greenlight watch`: goes on watching a release after its update, until every mark of its observation is judged. It reads the
// stack's state for what to watch and changes nothing of the stack; samples go where the update keeps its own, so that the
// next update judges them too.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { z } from "zod";
import type { Verdicts } from "../../checks/observation/judge.ts";
import { watch as watchRelease } from "../../checks/observation/watch.ts";
import { type ObservationInputs, observationInputs, step } from "../../checks/observation.ts";
import type { Observation } from "../../checks/step/definition.ts";
import { common } from "../../checks/step/inputs.ts";
import { redactor } from "../../checks/step/redaction.ts";
import { type Fired, firedTriggers } from "../../checks/triggers/fired.ts";
import { STEP_TYPE } from "../../report/steps.ts";
import { type Command, UsageError } from "../command.ts";
import { Console } from "../console.ts";
import { existingStack } from "../engine.ts";
import { plain } from "../plain.ts";
import { projectFolder } from "../project-folder.ts";
import { keepReport } from "../report-files.ts";
import { follow, wayBackOf } from "../rollback/automatic.ts";

const usage = `usage: greenlight watch --stack STACK [--cwd DIR] [--once] [--every SECONDS] [--for SECONDS] [--json]
                        [--auto-rollback | --no-auto-rollback]

Watches the release that the stack's last update made, until all its marks are judged. It can be stopped and started
again; run one at a time. Marks that were not watched for too long, or whose data say too little, are watched anew: their
windows count from then. The next pulumi up takes what it saw into the stack's evidence.
  --stack, -s   the stack
  --cwd, -C     folder of Pulumi.yaml (default: here)
  --once        one sample, then the verdicts so far: for cron
  --every       seconds between two samples (default: as in the stack's settings)
  --for         seconds to watch at most
  --json        the verdicts as one JSON document
  --auto-rollback  goes back to the release before at the breach of an immediate rollback trigger (default: as
                   greenlight:rollback.automatic says)
Ends with 0 when nothing is wrong so far, 3 at a breach (at once when its rollback trigger is immediate), 4 when a
window is over and its data say too little (run again, it watches anew).`;

// A stack that was never updated has no resources.
const exported = z.object({
  resources: z
    .array(
      z.object({
        type: z.string(),
        delete: z.boolean().optional(),
        inputs: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .nullish(),
});
// Steps run in the program's folder, and their paths begin there.
const PROGRAM = fileURLToPath(new URL("../..", import.meta.url));
/** What the mechanism adds to a step's own inputs. */
const ADDED = ["plan", "__provider", ...Object.keys(common().shape)];
const EVIDENCE = [
  "result",
  "observations",
  "facts",
  "startedAt",
  "finishedAt",
  "durationSeconds",
  "digest",
  "afterFailure",
];

async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      "auto-rollback": { type: "boolean" },
      stack: { type: "string", short: "s" },
      cwd: { type: "string", short: "C", default: "." },
      once: { type: "boolean", default: false },
      every: { type: "string" },
      for: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  if (!values.stack) throw new UsageError("--stack is needed");
  const directory = projectFolder(values.cwd);
  const { engine, stack: watched } = await existingStack(values.stack, directory);
  const given = await inputsOf(watched);
  const everySeconds = secondsOf("--every", values.every) ?? given.everySeconds;
  if (everySeconds > given.maximumGapSeconds)
    throw new UsageError(
      `--every wants at most the observation's maximumGapSeconds, ${given.maximumGapSeconds}, got ${everySeconds}`,
    );
  const seconds = values.once ? 0 : (secondsOf("--for", values.for) ?? Number.POSITIVE_INFINITY);
  const redact = redactor(step.secrets(given));
  const seenBefore = new Map<string, string>();
  const interrupted = interruption();
  const { verdicts } = await watchRelease(given, { seconds, everySeconds }, interrupted, (seen) => {
    if (!values.json) tell(redact(seen.observations), seenBefore);
    return isSettled(seen) || seen.breaches.some(({ trigger }) => trigger === "immediate");
  }).catch((error: unknown) => {
    // Whatever was under way says only that it was aborted.
    throw interrupted.aborted ? interrupted.reason : error;
  });
  const shown = redact(verdicts);
  if (values.json) process.stdout.write(`${JSON.stringify(shown)}\n`);
  const file = { directory, stack: values.stack, environment: process.env };
  const automatic = values["auto-rollback"] ?? wayBackOf(file).automatic;
  const told = new Console(values.json ? process.stderr : process.stdout);
  const back = await follow(firedBy(shown), automatic, told, { ...file, engine, environment: {} });
  if (back) told.summary(back, await keepReport(back));
  return codeOf(verdicts);
}

/** @throws when the stack has no observation */
async function inputsOf(stack: Stack): Promise<ObservationInputs> {
  const { deployment } = await stack.exportStack();
  const { resources } = exported.parse(deployment);
  const found = resources?.find((one) => one.type === `${STEP_TYPE}Observation` && !one.delete);
  if (found?.inputs === undefined)
    throw new Error(
      `stack "${stack.name}": no observation in its state, want one; add greenlight:observation and run pulumi up`,
    );
  const own = Object.entries(found.inputs).filter(([key]) => ![...ADDED, ...EVIDENCE].includes(key));
  const given = observationInputs().parse(plain(Object.fromEntries(own)));
  return { ...given, directory: resolve(PROGRAM, given.directory) };
}

function secondsOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 1_209_600)) throw new UsageError(`${option} wants seconds, got ${text}`);
  return seconds;
}

function interruption(): AbortSignal {
  const ended = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => ended.abort(new Error(`interrupted by ${name}; start it again to go on`)));
  // Else it would go on for days with nobody there to be told.
  process.stdout.once("error", (error) =>
    ended.abort(new Error("its output is no longer read; start it again to go on", { cause: error })),
  );
  return ended.signal;
}

/** A line for each observation whose verdict is new. */
function tell(observations: Observation[], told: Map<string, string>): void {
  for (const { id, result, observed, pendingUntil } of observations) {
    const word = pendingUntil === undefined ? result : `pending until ${pendingUntil}`;
    if (told.get(id) === word) continue;
    told.set(id, word);
    process.stdout.write(`${id}: ${word}: ${observed}\n`);
  }
}

/** The triggers that came true, with their figures. */
function firedBy({ observations, breaches }: Verdicts): Fired[] {
  return firedTriggers([], [{ name: "observation", result: "failed", observations, facts: { breaches } }]);
}

function isSettled({ observations }: Verdicts): boolean {
  return observations.every(({ pendingUntil }) => pendingUntil === undefined);
}

function codeOf({ observations }: Verdicts): number {
  if (observations.some(({ result }) => result === "failed")) return 3;
  return observations.some(({ result, pendingUntil }) => result === "inconclusive" && !pendingUntil) ? 4 : 0;
}

export const watch: Command = { usage, run };
