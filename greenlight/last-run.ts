// What a stack's last update did, where nobody saw that update: it ran the steps that began after the record before it, and came to
// none that waits for one that failed. Steps that did not run again kept the evidence of an earlier update. Pure.
import { z } from "zod";
import type { ReportParts } from "../report/report.ts";
import { type StepReport, stepsOf } from "../report/steps.ts";

const deployment = z.object({
  resources: z
    .array(
      z.object({
        urn: z.string(),
        dependencies: z.array(z.string()).nullish(),
        initErrors: z.array(z.string()).nullish(),
      }),
    )
    .nullish(),
});

type LastUpdate = Pick<
  ReportParts,
  "steps" | "startedAt" | "finishedAt" | "planned" | "visited" | "ran" | "errors"
>;

/** The last update as its report tells of it. @param exported the deployment of `exportStack` */
export function lastUpdate(exported: unknown): LastUpdate {
  const steps = stepsOf(exported);
  const unreached = behindFailures(exported);
  const visited = steps.filter(({ name }) => !unreached.has(name));
  const ran = lastRun(steps);
  const began = visited.filter(({ name }) => ran.has(name)).map(({ startedAt }) => startedAt ?? "");
  return {
    steps,
    startedAt: new Date(began.sort()[0] ?? ""),
    finishedAt: new Date(steps.at(-1)?.finishedAt ?? ""),
    planned: [...visited, ...steps.filter(({ name }) => unreached.has(name))],
    visited: new Set(visited.map(({ name }) => name)),
    ran,
    errors: steps.flatMap(({ message }) => message ?? []),
  };
}

/** Names of the resources that wait, through whatever is between, for one that failed. */
function behindFailures(exported: unknown): Set<string> {
  const resources = deployment.parse(exported).resources ?? [];
  const failed = new Set(resources.filter(({ initErrors }) => initErrors?.length).map(({ urn }) => urn));
  const behind = new Set<string>();
  for (let before = -1; before < behind.size; ) {
    before = behind.size;
    for (const { urn, dependencies } of resources)
      if (dependencies?.some((one) => failed.has(one) || behind.has(one))) behind.add(urn);
  }
  return new Set([...behind].map((urn) => urn.split("::").at(-1) ?? urn));
}

const TIME_IN_KEY = /(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z-[0-9a-f]+\.json$/;

/** The names of those steps; all of them where the stack keeps no records. @param steps in the order in which they finished */
export function lastRun(steps: StepReport[]): Set<string> {
  const before = recordedBefore(steps);
  return new Set(steps.filter(({ startedAt = "" }) => startedAt > before).map(({ name }) => name));
}

/** When the update before the last one was recorded, RFC 3339 UTC; empty where that is not known. */
function recordedBefore(steps: StepReport[]): string {
  const record = steps.find(({ name }) => name === "record");
  if (record === undefined) return "";
  // A record is the last step of an update that got so far.
  if (record !== steps.at(-1)) return record.finishedAt ?? "";
  const found = TIME_IN_KEY.exec(String(record.facts.previousKey));
  if (!found) return "";
  const [, day, hours, minutes, seconds, milliseconds] = found;
  return `${day}T${hours}:${minutes}:${seconds}.${milliseconds}Z`;
}
