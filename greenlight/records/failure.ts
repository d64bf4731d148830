// The record of a deployment that failed: written by what ran it, since the record step of a failed update is never reached.
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { z } from "zod";
import type { RecordContent } from "../../checks/record/document.ts";
import { appendRecord } from "../../checks/record/store.ts";
import { backupOf, flagsOf, leftBy } from "../../checks/record/summary.ts";
import type { Report } from "../../report/report.ts";
import { recordPlace, withS3 } from "./bucket.ts";
import { copiesFolder } from "./copies.ts";

const parts = z.record(z.string(), z.string());

/**
 * Appends the record of a failed deployment to the stack's chain and gives its key; undefined where the stack keeps no
 * records, or failed before their bucket existed.
 */
export async function recordFailure(
  stack: Stack,
  report: Report,
  directory: string,
  environment: { [name: string]: string | undefined } = process.env,
): Promise<string | undefined> {
  const { deployment } = await stack.exportStack();
  const place = recordPlace(stack, deployment);
  if (!place) return undefined;
  const copies = join(
    copiesFolder(directory, stack.name, { ...process.env, ...environment }),
    place.system,
    stack.name,
  );
  const content = contentOf(report, place.system);
  return withS3(environment, async (s3) => {
    const to = { prefix: "records", ...place, copies };
    return (await appendRecord(s3, to, content, AbortSignal.timeout(60_000))).key;
  });
}

/** What is recorded of a deployment that failed. */
export function contentOf(report: Report, system: string): RecordContent {
  const seen = report.steps.filter(({ result }) => result !== "notRun");
  const failing = seen.find(({ result }) => result === "failed" || result === "inconclusive");
  const gate = seen.find(({ name }) => name === "sign-off");
  const kept = Object.fromEntries(seen.map((step) => [step.name, step]));
  const untouched = report.steps.filter(({ result }) => result === "notRun").map(({ name }) => name);
  return {
    result: "failed",
    system,
    stack: report.stack,
    release: gateText(gate?.facts.parts, "release") ?? report.release,
    commit: gateText(gate?.facts.parts, "commit") ?? "",
    steps: JSON.parse(
      JSON.stringify(
        Object.fromEntries(
          seen.map(
            ({
              name,
              result,
              observations,
              facts,
              startedAt = "",
              finishedAt = "",
              durationSeconds,
              ran,
              afterFailure,
            }) => [
              name,
              { result, observations, facts, startedAt, finishedAt, durationSeconds, ran, afterFailure },
            ],
          ),
        ),
      ),
    ),
    parts: parts.safeParse(gate?.facts.parts).data ?? {},
    versions: { engine: report.engine, node: process.versions.node },
    settings: null,
    commits: [],
    startedAt: report.startedAt,
    database: null,
    snapshot: null,
    boxes: report.checklist
      ? {
          counts: report.checklist.counts,
          verdicts: Object.fromEntries(report.checklist.boxes.map(({ id, verdict }) => [id, verdict])),
        }
      : null,
    rollback: null,
    notices: JSON.parse(JSON.stringify(report.notices)),
    failure: { step: failing?.name ?? null, messages: report.errors },
    flags: flagsOf(kept),
    backup: backupOf(kept),
    /** Steps that were not reached: what they would have changed is as it was. */
    untouched,
    left: leftBy(kept, untouched),
  };
}

function gateText(given: unknown, part: string): string | undefined {
  return parts.safeParse(given).data?.[part];
}
