// One deployment from top to bottom: what exists, then what is proved, in the order of a release checklist. Each step waits
// for the one before it. A part exists only if the stack has settings for it; docs/settings.md lists them all.
import * as pulumi from "@pulumi/pulumi";
import { Sequence } from "./checks/step/sequence.ts";
import { alarms, health, record, resumed, security, smoke } from "./deployment/after.ts";
import { backup, mute, preflight, rehearsal } from "./deployment/before.ts";
import { browser } from "./deployment/browser.ts";
import { build } from "./deployment/build.ts";
import { candidate } from "./deployment/candidate.ts";
import { maintenance, migration, rows, schema } from "./deployment/database.ts";
import { begins, failures, succeeded } from "./deployment/notifications.ts";
import { announcement, documents } from "./deployment/people.ts";
import { processes } from "./deployment/processes.ts";
import { provisioned } from "./deployment/provisioned.ts";
import { quiesce, resume } from "./deployment/quiet.ts";
import { deliver } from "./deployment/release.ts";
import { scheduledBackup } from "./deployment/scheduled-backup.ts";
import { closeFormerLogins, secrets } from "./deployment/secrets.ts";
import { acceptance, signOff } from "./deployment/sign-off.ts";
import { Stack } from "./deployment/stack.ts";
import { decisions, reversal, rollback, triggers } from "./deployment/undo.ts";
import {
  baseline,
  dashboards,
  latency,
  logArchive,
  logs,
  metrics,
  observation,
} from "./deployment/watched.ts";
import { readSettings } from "./infra/settings.ts";

// What people decide: nothing below changes before
const settings = readSettings();
const sequence = new Sequence();
signOff(settings, sequence);
decisions(settings, sequence);
failures(settings, sequence);
begins(settings, sequence);

// What exists: infra/estate.ts
const stack = new Stack(settings, sequence);

// What is proved
preflight(stack);
provisioned(stack);
mute(stack);
// A rollback brings the application back before the database, where what was new goes away. What was built and measured before
// a release is not built and measured again.
const back = settings.undo !== undefined;
if (!back) {
  build(stack);
  announcement(stack, "before");
  baseline(stack);
}
quiesce(stack);
if (back) deliver(stack);
backup(stack);
if (back) reversal(stack);
else rehearsal(stack);
if (!back) rollback(stack);
if (!back) candidate(stack);
migration(stack);
schema(stack);
rows(stack);
maintenance(stack);
if (!back) deliver(stack);
resume(stack, "release");
health(stack);
processes(stack);
smoke(stack);
browser(stack);
resume(stack, "smoke");
resumed(stack);
security(stack);
latency(stack);
metrics(stack);
logs(stack);
dashboards(stack);
scheduledBackup(stack);
closeFormerLogins(stack);
secrets(stack);
alarms(stack);
observation(stack);
triggers(stack);
documents(stack);
logArchive(stack);
announcement(stack, "after");
acceptance(stack);
succeeded(stack);
record(stack);

/** What every step proved, in a line; the evidence itself is in the steps' own outputs. */
export const proven = sequence.proven;

const { estate } = stack;
/** What was released. */
export const version = settings.release?.version;
/** Where things are. */
export const addresses = pulumi.output({
  application: settings.release?.versionUrl && new URL(settings.release.versionUrl).origin,
  site: estate.site?.url,
  backupBucket: estate.backups?.bucketName,
  recordBucket: estate.records?.bucketName,
  database: estate.database?.databaseName,
  applicationSecret: estate.application?.secretName,
});
