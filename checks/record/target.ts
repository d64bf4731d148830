// Which release a rollback goes back to, from the records alone. Pure.
import { isDeepStrictEqual } from "node:util";
import type { StoredRecord } from "./links.ts";

/** What tells one release from another; the program and settings around it may differ. */
const IDENTITY = ["release", "application", "site", "migrations", "settings"];

export interface Choice {
  target: StoredRecord;
  /** What is undone; undefined where its deployment left no record. */
  undone: StoredRecord | undefined;
}

/**
 * The newest recorded release that passed and is another one than the current; after a deployment that failed, the newest
 * that passed; after a rollback that failed, where that was to go.
 * @param records oldest first
 * @param wanted a release or the key of a record, instead of the newest
 * @param failed whether the stack's last deployment failed
 * @throws when there is none, naming those that there are
 */
export function chooseTarget(records: StoredRecord[], wanted: string | undefined, failed: boolean): Choice {
  const last = records.at(-1);
  const unfinished = wanted === undefined ? unfinishedOf(records) : undefined;
  if (unfinished) return unfinished;
  const good = goodOf(records);
  const current = failed ? undefined : effective(records, last);
  const other = good.filter((record) => !isUndone(records, record) && (!current || !isSame(record, current)));
  const target =
    wanted === undefined
      ? other.at(-1)
      : good.filter(({ key, document }) => key === wanted || document.release === wanted).at(-1);
  if (target && current && isSame(target, current))
    throw new Error(`release "${wanted}": is what is deployed, want another one`);
  if (target) return { target, undone: last?.key === target.key ? undefined : last };
  const known = [...new Set(good.map(({ document }) => document.release))].join(", ") || "none";
  throw new Error(
    wanted === undefined
      ? `rollback: no earlier release is on record (known: ${known}), want one that passed; the first release has no way back but pulumi destroy`
      : `release "${wanted}": not among the records that passed, want one of ${known}`,
  );
}

/**
 * Whether these newest records say what {@link chooseTarget} would say of all of them, and older ones need not be read: a release may
 * be updated any number of times.
 */
export function sayTarget(records: StoredRecord[], wanted: string | undefined, failed: boolean): boolean {
  const returned = records.at(-1)?.document.rollback?.to;
  if (returned !== undefined && !records.some(({ key }) => key === returned)) return false;
  try {
    chooseTarget(records, wanted, failed);
    return true;
  } catch {
    return false;
  }
}

/** Where the newest record's rollback was to go, when that failed and nothing came after it. */
function unfinishedOf(records: StoredRecord[]): Choice | undefined {
  const last = records.at(-1)?.document;
  if (!last?.rollback || last.result === "passed") return undefined;
  const { to, undoes } = last.rollback;
  const target = records.find(({ key }) => key === to);
  return target && { target, undone: records.find(({ key }) => key === undoes) };
}

/** What a record leaves deployed: for a rollback the release that it went back to, or nothing whole when it failed. */
function effective(records: StoredRecord[], record: StoredRecord | undefined): StoredRecord | undefined {
  const back = record?.document.rollback;
  if (!back) return record;
  return record.document.result === "passed" ? records.find(({ key }) => key === back.to) : undefined;
}

/** The newest recorded release that passed and is another one than what these parts are. @param records oldest first */
export function newestOther(
  records: StoredRecord[],
  parts: { [part: string]: string },
): StoredRecord | undefined {
  return goodOf(records)
    .filter((record) => !isUndone(records, record))
    .filter(({ document }) => !isDeepStrictEqual(identityOf(document.parts), identityOf(parts)))
    .at(-1);
}

/** Whether no other release than what these parts are was ever out. @param records all of them */
export function isFirst(records: StoredRecord[], parts: { [part: string]: string }): boolean {
  return !records.some(
    ({ document }) =>
      document.result === "passed" && !isDeepStrictEqual(identityOf(document.parts), identityOf(parts)),
  );
}

/** Records that one can go back to. */
function goodOf(records: StoredRecord[]): StoredRecord[] {
  return records.filter(({ document: d }) => d.result === "passed" && d.snapshot !== null && !d.rollback);
}

/** Whether a later rollback undid this release: only who names it goes back to it. */
function isUndone(records: StoredRecord[], record: StoredRecord): boolean {
  return records.slice(records.indexOf(record) + 1).some(({ document: { rollback } }) => {
    const undone = records.find(({ key }) => key === rollback?.undoes);
    return undone !== undefined && isSame(undone, record);
  });
}

function isSame(a: StoredRecord, b: StoredRecord): boolean {
  return isDeepStrictEqual(identityOf(a.document.parts), identityOf(b.document.parts));
}

function identityOf(parts: { [part: string]: string }): (string | null)[] {
  return IDENTITY.map((part) => parts[part] ?? null);
}
