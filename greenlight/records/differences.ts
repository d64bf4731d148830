// Two records compared: what a deployment made different from the last release. Pure.

import type { RecordDocument } from "../../checks/record/document.ts";
import type { StoredRecord } from "../../checks/record/links.ts";
import { manifestOf } from "../../checks/record/restored.ts";
import { newestOther } from "../../checks/record/target.ts";
import type { Change, Differences } from "../../report/differences.ts";

const SETTLED = new Set(["proven", "signed", "waived", "notApplicable"]);
const DIGEST = /^[0-9a-f]{64}$/;
const SECRET = "secret:";

type Texts = { [name: string]: string };

/**
 * The record that a deployment is compared with: the newest earlier one that passed and is of another release; for a rollback
 * the one that it undid; else the newest that passed.
 * @param earlier oldest first
 */
export function lastRelease(current: RecordDocument, earlier: StoredRecord[]): StoredRecord | undefined {
  const undone = current.rollback && earlier.find(({ key }) => key === current.rollback?.undoes);
  return (
    undone ??
    newestOther(earlier, current.parts) ??
    earlier.filter(({ document }) => document.result === "passed").at(-1)
  );
}

export function differencesBetween(base: StoredRecord, current: RecordDocument): Differences {
  const { key, document: before } = base;
  return {
    since: { key, release: before.release, recordedAt: before.recordedAt },
    parts: changes(partsOf(before), partsOf(current)),
    versions: changes(before.versions, current.versions),
    settings:
      before.settings && current.settings && changes(before.settings, current.settings).map(withoutSecrets),
    migrations: before.database && current.database && changes(migrationsOf(before), migrationsOf(current)),
    site: siteOf(before, current),
    steps: changes(resultsOf(before), resultsOf(current)),
    boxes: boxesOf(before, current),
  };
}

/** What has another value, or is only in one of them, by name. */
function changes(before: Texts, now: Texts): Change[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .sort()
    .filter((name) => before[name] !== now[name])
    .map((name) => ({ name, from: shown(before[name]), to: shown(now[name]) }));
}

function shown(text: string | undefined): string | null {
  if (text === undefined) return null;
  return DIGEST.test(text) ? text.slice(0, 12) : text;
}

function withoutSecrets({ name, from, to }: Change): Change {
  const hidden = (text: string | null, word: string) => (text?.startsWith(SECRET) ? word : text);
  return {
    name,
    from: hidden(from, "a secret"),
    to: hidden(to, from?.startsWith(SECRET) ? "another secret" : "a secret"),
  };
}

function partsOf({ release, commit, parts }: RecordDocument): Texts {
  return { ...parts, release, ...(commit === "" ? {} : { commit }) };
}

function migrationsOf({ database }: RecordDocument): Texts {
  const applied = database?.migrations ?? [];
  return Object.fromEntries(applied.map(({ version, name, sha256 }) => [`${version} ${name}`, sha256]));
}

function siteOf(before: RecordDocument, current: RecordDocument): Change[] | null {
  const [was, is] = [before.steps.site?.facts.manifest, current.steps.site?.facts.manifest];
  return was === undefined || is === undefined ? null : changes(manifestOf(was), manifestOf(is));
}

function resultsOf({ steps }: RecordDocument): Texts {
  return Object.fromEntries(Object.entries(steps).map(([name, { result }]) => [name, result]));
}

function boxesOf(before: RecordDocument, current: RecordDocument): Differences["boxes"] {
  const [was, is] = [verdictsOf(before), verdictsOf(current)];
  if (was === undefined || is === undefined) return null;
  const all = changes(was, is);
  const settled = (verdict: string | null) => verdict !== null && SETTLED.has(verdict);
  return {
    gained: all.filter(({ from, to }) => settled(to) && !settled(from)),
    lost: all.filter(({ from, to }) => settled(from) && !settled(to)),
    other: all.filter(({ from, to }) => settled(from) === settled(to)),
  };
}

function verdictsOf({ boxes }: RecordDocument): Texts | undefined {
  const verdicts = boxes?.verdicts;
  return verdicts !== null && typeof verdicts === "object"
    ? Object.fromEntries(Object.entries(verdicts).map(([box, verdict]) => [box, String(verdict)]))
    : undefined;
}
