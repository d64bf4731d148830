// What people decide: the gate before anything changes, and the acceptance after everything is proven. Both are bound to the
// digests of exactly what is deployed.
import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { digestJson } from "../checks/canonical-json.ts";
import { readMigrations } from "../checks/migrations/directory.ts";
import { digestOfContents } from "../checks/release/contents.ts";
import { SignOff } from "../checks/sign-off.ts";
import type { Sequence } from "../checks/step/sequence.ts";
import { stepOptions } from "../checks/step/sequence.ts";
import { signersFile } from "../infra/settings/sections/sign-off.ts";
import type { Settings } from "../infra/settings.ts";
import type { Stack } from "./stack.ts";
import { undoneBy } from "./undo.ts";

/** The gate before: every resource waits for it. */
export function signOff(settings: Settings, sequence: Sequence): void {
  if (!settings.signOff || settings.signOff.before.length === 0) return;
  sequence.add(SignOff, "sign-off", {
    ...gateOf(settings, settings.signOff),
    phase: "before",
    required: settings.signOff.before,
    rollback: undoneBy(settings)?.gate("sign-off"),
    subject: subjectOf(settings),
  });
  const gate = sequence.steps["sign-off"];
  // Nothing that comes after is made, changed or removed before the gate is open.
  pulumi.runtime.registerStackTransformation(({ props, opts }) => ({
    props,
    opts: pulumi.mergeOptions(opts, { dependsOn: gate }),
  }));
}

/** The acceptance: bound to what was deployed and when. */
export function acceptance(stack: Stack): void {
  const { settings, sequence } = stack;
  if (!settings.signOff || settings.signOff.after.length === 0) return;
  const undone = undoneBy(settings);
  const made = ["migration", "release", "site"].flatMap((name) => {
    const step = sequence.steps[name];
    return step ? [[`${name}At`, step.finishedAt] as const] : [];
  });
  sequence.add(SignOff, "acceptance", {
    ...gateOf(settings, settings.signOff),
    phase: "after",
    required: settings.signOff.after,
    // A freeze is about deploying, which is done.
    freezes: [],
    // A rollback is accepted as far as what it returns to was.
    rollback: undone?.gate("acceptance"),
    graceHours: settings.signOff.acceptWithinHours,
    subject: pulumi
      .all([subjectOf(settings), Object.fromEntries(undone ? [] : made)])
      .apply(([parts, times]) => ({
        ...parts,
        ...times,
      })),
  });
}

function gateOf(settings: Settings, signOff: NonNullable<Settings["signOff"]>) {
  const { signers, validHours, authors, waiverRoles, freezes, waitSeconds } = signOff;
  const absolute = (path: string) => (isAbsolute(path) ? path : join(settings.directory, path));
  return {
    system: settings.system.name,
    stack: settings.stack,
    release: settings.release?.version ?? "unversioned",
    signers: [
      ...signers,
      ...(signOff.signersFile === undefined ? [] : readSigners(absolute(signOff.signersFile))),
    ],
    directory: absolute(signOff.directory),
    validHours,
    barred: authors,
    waiverRoles,
    freezes,
    waitSeconds,
    ...stepOptions(signOff),
  };
}

/** A file that is not there yet names nobody, so the gate says who is missing. */
function readSigners(file: string) {
  if (!existsSync(file)) return [];
  const read = signersFile().safeParse(parse(readFileSync(file, "utf8")));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new pulumi.RunError(
    `signers file "${file}": ${issue?.path.join(".")}: ${issue?.message}; correct it`,
  );
}

const subjects = new WeakMap<Settings, pulumi.Output<{ [part: string]: string }>>();

/**
 * What will be deployed, by part. Parts that this stack does not have are left out.
 * Settings count with their secrets, of which only the digest of the whole is shown. Read once: gates and record are bound to the same.
 */
export function subjectOf(settings: Settings): pulumi.Output<{ [part: string]: string }> {
  const subject = subjects.get(settings) ?? readSubject(settings);
  subjects.set(settings, subject);
  return subject;
}

function readSubject(settings: Settings): pulumi.Output<{ [part: string]: string }> {
  const at = (path: string) => (isAbsolute(path) ? path : join(settings.directory, path));
  const { release, site, migration, record } = settings;
  const { directory: _directory, signOff: _signOff, undo: _undo, ...settled } = settings;
  const checklist = join(settings.directory, "checklist.yaml");
  const known = {
    release: release?.version,
    commit: record?.commit || undefined,
    application:
      release && release.contents.length > 0 ? digestOfContents(release.contents.map(at)) : undefined,
    site: site && digestOfContents([at(site.directory)]),
    migrations: migration && readMigrations(at(migration.directory), migration.naming).digest,
    checklist: existsSync(checklist) ? digestOfContents([checklist]) : undefined,
    program: digestOfContents(
      ["index.ts", "infra", "agent", "checks", "deployment"].map((part) => join(process.cwd(), part)),
    ),
  };
  const present = Object.entries(known).flatMap(([part, value]) =>
    value === undefined ? [] : [[part, value] as const],
  );
  const digest = pulumi.unsecret(pulumi.output(settled).apply((plain) => digestJson(plain)));
  return digest.apply((settingsDigest): { [part: string]: string } => ({
    ...Object.fromEntries(present),
    settings: settingsDigest,
  }));
}
