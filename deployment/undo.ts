// A deployment that goes back to a recorded one: what its steps have to know of that record.
import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { recordDocument } from "../checks/record/document.ts";
import { manifestOf } from "../checks/record/restored.ts";
import { Reversal } from "../checks/reversal.ts";
import { Rollback } from "../checks/rollback.ts";
import { recordedGate } from "../checks/sign-off/recorded.ts";
import { type Sequence, stepOptions } from "../checks/step/sequence.ts";
import { Triggers } from "../checks/triggers.ts";
import type { Settings } from "../infra/settings.ts";
import { subjectOf } from "./sign-off.ts";
import type { Stack } from "./stack.ts";

/** Where the settings name no limit. */
const LIMIT_SECONDS = 300;

const siteManifest = () => z.record(z.string(), z.object({ sha256: z.string(), versionId: z.string() }));

const flagValues = () =>
  z
    .record(z.string(), z.string().nullable())
    .transform((flags): { [name: string]: string } =>
      Object.fromEntries(
        Object.entries(flags).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
      ),
    );

/** Parts that a rollback brings back as they were; settings name the rollback itself, and the program is today's. */
const RETURNED = ["release", "commit", "application", "site", "migrations", "checklist"];

const backupFacts = () =>
  z.object({
    bucket: z.string(),
    key: z.string(),
    versionId: z.string().nullable(),
    archiveBytes: z.number(),
    takenAt: z.string(),
    tables: z
      .record(z.string(), z.object({ rows: z.number(), digest: z.string() }))
      .nullable()
      .default(null),
  });

/** The record that this deployment goes back to; undefined in one that goes forward. */
export function undoneBy(settings: Settings) {
  const { undo } = settings;
  if (!undo) return undefined;
  const document = recordDocument().parse(JSON.parse(readFileSync(at(settings, undo.record), "utf8")));
  const subject = Object.fromEntries(
    Object.entries(document.parts).filter(([part]) => RETURNED.includes(part)),
  );
  /** For a gate: nobody has to sign again for what was signed when it went out. */
  const gate = (name: "sign-off" | "acceptance") => ({
    record: undo.to,
    subject,
    gate: recordedGate().safeParse(document.steps[name]?.facts).data ?? null,
  });
  return {
    document,
    gate,
    /** The site's files with the versions of their objects. */
    site: siteManifest().safeParse(document.steps.site?.facts.manifest).data,
    /** Values by flag as that release left them; those that it left unset are not named. */
    flags: flagValues().safeParse(document.steps.resume?.facts.flags).data ?? {},
    /** For the record of the rollback. */
    wanted: {
      to: undo.to,
      undoes: undo.undoes ?? null,
      startedAt: undo.startedAt,
      limitSeconds: undo.limitSeconds ?? settings.rollback?.limitSeconds ?? LIMIT_SECONDS,
      schemaDigest: document.database?.schemaDigest ?? null,
      site: document.steps.site ? manifestOf(document.steps.site.facts.manifest) : null,
      parts: document.parts,
    },
  };
}

/** Takes the database back, after the application and before the migrations are looked at. */
export function reversal(stack: Stack): void {
  const { settings, estate, sequence } = stack;
  const { undo, migration } = settings;
  const { database, backups } = estate;
  const target = undoneBy(settings)?.document.database;
  if (!undo || !migration || !database || !target) return;
  const restore =
    undo.backup === undefined
      ? undefined
      : {
          ...backupFacts().parse(JSON.parse(readFileSync(at(settings, undo.backup), "utf8"))),
          begunAt: undo.startedAt,
        };
  sequence.add(Reversal, "reversal", {
    databaseUrl: database.migratorUrl,
    adminUrl: database.adminUrl,
    directory: stack.path(undo.migrations ?? migration.directory),
    naming: migration.naming,
    schema: migration.schema,
    historyTable: migration.historyTable,
    to: target.at ?? "0",
    statementTimeoutSeconds: migration.statementTimeoutSeconds,
    lockTimeoutSeconds: migration.lockTimeoutSeconds,
    lockWaitSeconds: migration.lockWaitSeconds,
    restore,
    encryptionKey: restore && backups?.sealingKey,
  });
}

/** Before the database is touched: that the way back exists. */
export function rollback(stack: Stack): void {
  const { settings, estate, sequence } = stack;
  if (!settings.rollback || !estate.records) return;
  sequence.add(Rollback, "rollback", {
    bucket: estate.records.bucketName,
    system: settings.system.name,
    stack: settings.stack,
    parts: subjectOf(settings),
    limitSeconds: settings.rollback.limitSeconds,
    rehearsal: sequence.steps.rehearsal?.observations,
    backup: sequence.steps.backup?.observations,
    database: estate.database && {
      adminUrl: estate.database.adminUrl,
      name: estate.database.databaseName,
      keepHours: settings.rollback.keepReplacedHours,
    },
    ...stepOptions(settings.rollback),
  });
}

/** Steps that are added from here on say, when they fail, which reasons to go back came true. */
export function decisions({ rollback: way, undo, stack }: Settings, sequence: Sequence): void {
  // A rollback that fails is run again; there is nothing else to go back to.
  if (!way || undo) return;
  sequence.onFailure({
    kind: "triggered",
    inputs: { stack, triggers: way.triggers },
    outcomeAs: "failed",
  });
}

/** After all checks: that no reason to go back came true. */
export function triggers(stack: Stack): void {
  const { settings, sequence } = stack;
  if (!settings.rollback || settings.rollback.triggers.length === 0) return;
  const named = settings.rollback.triggers.flatMap(({ when }) => when.map((what) => what.split("#")[0]));
  const watched = Object.entries(sequence.steps).filter(([name]) => named.includes(name));
  sequence.add(Triggers, "triggers", {
    triggers: settings.rollback.triggers,
    rollback: settings.undo !== undefined,
    steps: Object.fromEntries(watched.map(([name, step]) => [name, step.verdicts])),
    ...stepOptions(settings.rollback),
  });
}

/** The database's address, not known before the database is back: a preview would compare it with the wrong files. */
export function afterReversal(stack: Stack, url: pulumi.Output<string>): pulumi.Output<string> {
  const { reversal: back } = stack.sequence.steps;
  return back ? pulumi.all([url, back.finishedAt]).apply(([address]) => address) : url;
}

function at({ directory }: Settings, path: string): string {
  return isAbsolute(path) ? path : join(directory, path);
}
