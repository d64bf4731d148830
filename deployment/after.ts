// What must be true of the released system: health, journeys, security, alarms; and the record of it all.
import { existsSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { AlarmProof } from "../checks/alarms.ts";
import { withoutSecrets } from "../checks/backend-address.ts";
import { Health } from "../checks/health.ts";
import { ReleaseRecord } from "../checks/record.ts";
import { Security } from "../checks/security.ts";
import { Smoke } from "../checks/smoke.ts";
import { stepOptions } from "../checks/step/sequence.ts";
import { renamed } from "../infra/estate.ts";
import { settingsOnRecord } from "./settings-on-record.ts";
import { subjectOf } from "./sign-off.ts";
import type { Stack } from "./stack.ts";
import { undoneBy } from "./undo.ts";

const PROGRAM = fileURLToPath(new URL("../", import.meta.url));

export function health(stack: Stack): void {
  if (!stack.settings.health) return;
  const { before: _, ...given } = stack.settings.health; // deployment/watched.ts
  stack.sequence.add(Health, "health", given);
}

/** The journeys through the release. */
export function smoke(stack: Stack): void {
  const file = stack.settings.smoke?.file;
  if (file !== undefined) journeys(stack, "smoke", file, ["migration", "release"]);
}

/** The journeys that need what rested during the release. */
export function resumed(stack: Stack): void {
  const file = stack.settings.smoke?.resumedFile;
  if (file !== undefined) journeys(stack, "resumed", file, ["migration", "release", "resume"]);
}

function journeys(stack: Stack, name: string, file: string, after: string[]): void {
  const { settings, estate, redis } = stack;
  if (!settings.smoke) return;
  const { secrets, file: _, resumedFile: _resumed, ...given } = settings.smoke;
  stack.sequence.add(Smoke, name, {
    ...given,
    file: stack.path(file),
    release: settings.release?.version,
    variablesVersion: estate.application?.versionId,
    secrets: estate.application?.environment.apply((variables) => renamed(secrets, variables)),
    databaseUrl: estate.database?.migratorUrl,
    redisUrl: redis.url,
    redisCaFile: redis.caFile,
    triggers: stack.sequence.times(after),
  });
}

export function security(stack: Stack): void {
  const { settings, estate } = stack;
  if (!settings.security) return;
  const { token, unchangedQuery: query, ...given } = settings.security;
  const databaseUrl = estate.database?.migratorUrl;
  stack.sequence.add(Security, "security", {
    ...given,
    token: token && {
      secret: stack.variable(token.variable),
      algorithm: token.algorithm,
      claims: token.claims,
    },
    unchanged: query === undefined || databaseUrl === undefined ? undefined : { databaseUrl, query },
  });
}

export function alarms(stack: Stack): void {
  const { settings, estate } = stack;
  if (!settings.alarms || !estate.alarms) return;
  const { drill, receiptUrl, receivers, deliverySeconds, datapointSeconds } = settings.alarms;
  const { alarms: wanted, namespace, deployingAlarm: alarmName } = estate.alarms;
  stack.sequence.add(AlarmProof, "alarms", {
    alarms: wanted.map(({ rule: _, severity: _severity, condition: _condition, ...alarm }) => alarm),
    drill: wanted.filter(({ rule }) => drill.includes(rule)).map(({ id }) => id),
    receiptUrl,
    receivers: Object.entries(receivers).map(([name, { severities, ...receiver }]) => ({
      ...receiver,
      name,
      told: wanted
        .filter(({ rule, severity }) => drill.includes(rule) && severities.includes(severity))
        .map(({ id }) => id),
    })),
    deliverySeconds,
    // Without an agent nobody has said who writes the metrics.
    datapointSeconds: estate.agent && datapointSeconds > 0 ? datapointSeconds : undefined,
    muting: alarmName && { namespace, alarmName },
    ...stepOptions(settings.alarms),
  });
}

export function record(stack: Stack): void {
  const { settings, estate, sequence } = stack;
  if (!settings.record || !estate.records) return;
  const { migration, release, undo } = settings;
  const inProject = (path: string) => !relative(settings.directory, path).startsWith("..");
  const contents = (release?.contents ?? []).map((path) => resolve(settings.directory, path));
  if (!undo) refuseOutside([settings.directory, ...contents]);
  const checklist = join(settings.directory, "checklist.yaml");
  sequence.add(ReleaseRecord, "record", {
    bucket: estate.records.bucketName,
    kmsKeyId: estate.keys?.backups,
    copies: resolve(settings.directory, settings.record.copies, settings.system.name, settings.stack),
    system: settings.system.name,
    stack: settings.stack,
    release: release?.version,
    commit: settings.record.commit,
    steps: pulumi.jsonStringify(sequence.outcomes),
    parts: subjectOf(settings),
    checkpoint: checkpointOf(),
    settings: settingsOnRecord(settings)?.apply((known) => JSON.stringify(known)),
    time: timeOf(settings.record.maximumMinutes),
    maximumStepSeconds: settings.record.maximumStepSeconds,
    // A rollback leaves what was recorded then; there is nothing new to keep.
    project: undo
      ? undefined
      : { directory: settings.directory, others: contents.filter((path) => !inProject(path)) },
    database: estate.database &&
      migration && {
        url: estate.database.migratorUrl,
        schema: migration.schema,
        historyTable: migration.historyTable,
      },
    migrations: migration && stack.path(migration.directory),
    checklist: existsSync(checklist) ? checklist : undefined,
    undo: undoneBy(settings)?.wanted,
    ...stepOptions(settings.record),
  });
}

/** The project is kept beside its record as it lies in the program's folder, whose files it refers to by relative paths. */
function refuseOutside(paths: string[]): void {
  const outside = paths.find((path) => relative(PROGRAM, path).split(sep)[0] === "..");
  if (outside !== undefined)
    throw new pulumi.RunError(
      `greenlight:record: ${outside} lies outside of ${resolve(PROGRAM)}, want a folder in it, since releases on record are unpacked there; move it`,
    );
}

/** What a deployment's time is judged by; it begins with the program. */
function timeOf(maximumMinutes: number | undefined) {
  if (maximumMinutes === undefined) return undefined;
  return { startedAt: new Date(performance.timeOrigin).toISOString(), maximumMinutes };
}

/** The stack's state, as the CLI names it. */
function checkpointOf() {
  const { PULUMI_BACKEND_URL: url } = process.env;
  return {
    backend: url === undefined ? null : withoutSecrets(url),
    organization: pulumi.getOrganization(),
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
  };
}
