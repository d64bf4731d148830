// Records of a stack as they were written, checked without any service: each names the one before it with its hash. Says nothing about whether records were taken away at the end of the chain; the bucket's versions do.
import { createHash } from "node:crypto";
import { jsonOf } from "../json-of.ts";
import { type RecordDocument, recordDocument } from "./document.ts";

/** One record, by the key that it has in the bucket. */
export interface StoredRecord {
  key: string;
  sha256: string;
  document: RecordDocument;
}

/** @throws when the text is no record */
export function readRecordText(key: string, text: string): StoredRecord {
  const read = recordDocument().safeParse(jsonOf(text));
  if (!read.success)
    throw new Error(`record "${key}": ${read.error.issues[0]?.message}, want a release record`);
  return { key, sha256: createHash("sha256").update(text).digest("hex"), document: read.data };
}

/** Faults of the links, in order; the first one is where the chain is broken. @param records oldest first */
export function chainFaults(records: StoredRecord[]): string[] {
  const byName = new Map(records.map((record) => [nameOf(record.key), record]));
  const [first] = records;
  return records.flatMap(({ key, document: { previous } }) => {
    if (previous === null) return key === first?.key ? [] : [`${key}: names no record before it`];
    const before = byName.get(nameOf(previous.key));
    if (!before) return key === first?.key ? [] : [`${key}: the record before it, ${previous.key}, is gone`];
    return before.sha256 === previous.sha256
      ? []
      : [
          `${previous.key}: was changed after it was written: SHA-256 ${before.sha256}, ${key} names ${previous.sha256}`,
        ];
  });
}

/** Copies on a machine have the names of the objects without their folder. */
function nameOf(key: string): string {
  return key.split("/").at(-1) ?? key;
}
