// The record of a deployment that failed: written by what ran it, since the record step of a failed update is never reached.
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { z } from "zod";
import type { RecordContent, RecordDocument } from "../../checks/record/document.ts";
import { appendRecord } from "../../checks/record/store.ts";
import { backupOf, flagsOf, leftBy } from "../../checks/record/summary.ts";
import { undo } from "../../infra/settings/sections/rollback.ts";
import type { Report } from "../../report/report.ts";
import { type StackFile, sectionOf } from "../stack-file.ts";
import { type RecordPlace, recordPlace, withS3 } from "./bucket.ts";
import { copiesFolder } from "./copies.ts";

const parts = z.record(z.string(), z.string());

/**
 * Appends the record of a failed deployment to the stack's chain and gives its key; undefined where the stack keeps no
 * records, or failed before their bucket existed.
 */
export async function recordFailure(
  stack: Stack,
  deployment: unknown,
  report: Report,
  directory: string,
  environment: { [name: string]: string | undefined } = process.env,
): Promise<string | undefined> {
  const place = recordPlace(stack, deployment);
  if (!place) return undefined;
  const file = { directory, stack: stack.name, environment: { ...process.env, ...environment } };
  const copies = join(copiesFolder(directory, stack.name, file.environment), place.system, place.stack);
  const content = contentOf(report, place, undoOf(file, new Date()));
  return withS3(environment, place.region, async (s3) => {
    const to = { prefix: "records", ...place, copies };
    return (await appendRecord(s3, to, content, AbortSignal.timeout(60_000))).key;
  });
}

/** What a deployment goes back to and undoes, as its stack file says; null in one that goes forward. */
export function undoOf(file: StackFile, now: Date): RecordDocument["rollback"] {
  const section = sectionOf(file, "undo", undo());
  if (!section) return null;
  const { to, undoes = null, startedAt, limitSeconds } = section;
  const seconds = (now.getTime() - Date.parse(startedAt)) / 1000;
  return { to, undoes, seconds, ...(limitSeconds === undefined ? {} : { limitSeconds }) };
}

/** What is recorded of a deployment that failed. @param rollback what it was to go back to; null in one that went forward */
export function contentOf(
  report: Report,
  { system, stack }: Pick<RecordPlace, "system" | "stack">,
  rollback: RecordDocument["rollback"],
): RecordContent {
  const seen = report.steps.filter(({ result }) => result !== "notRun");
  const failing = seen.find(({ result }) => result === "failed" || result === "inconclusive");
  const gate = seen.find(({ name }) => name === "sign-off");
  const kept = Object.fromEntries(seen.map((step) => [step.name, step]));
  const untouched = report.steps.filter(({ result }) => result === "notRun").map(({ name }) => name);
  return {
    result: "failed",
    system,
    stack,
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
    rollback,
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
