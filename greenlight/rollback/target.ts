// Which release a rollback goes back to, from the records alone. Pure.
import { isDeepStrictEqual } from "node:util";
import type { StoredRecord } from "../records/chain.ts";

/** What tells one release from another; the program and settings around it may differ. */
const IDENTITY = ["release", "application", "site", "migrations", "settings"];

export interface Choice {
  target: StoredRecord;
  /** What is undone; undefined where its deployment left no record. */
  undone: StoredRecord | undefined;
}

/**
 * The newest recorded release that passed and is another one than the current; after a deployment that failed, the newest
 * that passed.
 * @param records oldest first
 * @param wanted a release or the key of a record, instead of the newest
 * @param failed whether the stack's last deployment failed
 * @throws when there is none, naming those that there are
 */
export function chooseTarget(records: StoredRecord[], wanted: string | undefined, failed: boolean): Choice {
  const last = records.at(-1);
  const good = records.filter(
    ({ document: d }) => d.result === "passed" && d.snapshot !== null && !d.rollback,
  );
  const current = failed ? undefined : effective(records, last);
  const other = good.filter((record) => !current || !isSame(record, current));
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

/** What a record leaves deployed: for a rollback the release that it went back to. */
function effective(records: StoredRecord[], record: StoredRecord | undefined): StoredRecord | undefined {
  const to = record?.document.rollback?.to;
  return to === undefined ? record : records.find(({ key }) => key === to);
}

function isSame(a: StoredRecord, b: StoredRecord): boolean {
  const identity = ({ document: { parts } }: StoredRecord) => IDENTITY.map((part) => parts[part] ?? null);
  return isDeepStrictEqual(identity(a), identity(b));
}
