// Chain and choice of a target: pure.
import { describe, expect, it } from "vitest";
import { type RecordContent, renderDocument } from "../../../checks/record/document.ts";
import { chainFaults, readRecordText, type StoredRecord } from "../../../checks/record/links.ts";
import { chooseTarget, isFirst, newestOther } from "../../../checks/record/target.ts";

const partsOf = (release: string) => ({ release, application: `digest of ${release}` });
const content = (release: string, change: Partial<RecordContent> = {}): RecordContent => ({
  result: "passed",
  system: "orders",
  stack: "production",
  release,
  commit: "",
  steps: {},
  parts: partsOf(release),
  versions: {},
  database: null,
  snapshot: { key: `snapshots/${release}`, sha256: "0".repeat(64), migrations: null },
  boxes: null,
  rollback: null,
  failure: null,
  ...change,
});

/** A chain of records, oldest first. */
function chainOf(...contents: RecordContent[]): { key: string; text: string }[] {
  const written: { key: string; text: string }[] = [];
  for (const [index, one] of contents.entries()) {
    const last = written.at(-1);
    const before = last && { key: last.key, sha256: readRecordText(last.key, last.text).sha256 };
    written.push({
      key: `records/${index}.json`,
      text: `${renderDocument(one, `2026-01-0${index + 1}T00:00:00.000Z`, before)}\n`,
    });
  }
  return written;
}
const read = (written: { key: string; text: string }[]): StoredRecord[] =>
  written.map(({ key, text }) => readRecordText(key, text));

describe("a chain of records", () => {
  const written = chainOf(content("1"), content("2"), content("3"));

  it("holds as it was written, also when only its newest part is at hand", () => {
    expect(chainFaults(read(written))).toEqual([]);
    expect(chainFaults(read(written.slice(1)))).toEqual([]);
  });

  it("names the record that was changed", () => {
    const changed = written.map((one, index) =>
      index === 1 ? { ...one, text: one.text.replace('"passed"', '"failed"') } : one,
    );
    expect(chainFaults(read(changed))).toEqual([
      expect.stringContaining("records/1.json: was changed after it was written"),
    ]);
  });

  it("names the record that was taken away", () => {
    const [first, , third] = written;
    expect(chainFaults(read([first, third].flatMap((one) => one ?? [])))).toEqual([
      "records/2.json: the record before it, records/1.json, is gone",
    ]);
  });

  it("refuses what is no record", () => {
    expect(() => readRecordText("a.json", "{}")).toThrow('record "a.json"');
  });
});

describe("the release to go back to", () => {
  const choose = (contents: RecordContent[], wanted?: string, failed = false) => {
    const { target, undone } = chooseTarget(read(chainOf(...contents)), wanted, failed);
    return `${target.document.release} undoes ${undone?.document.release ?? "nothing recorded"}`;
  };

  it("is the newest that is another one than the current", () => {
    expect(choose([content("1"), content("2"), content("2")])).toBe("1 undoes 2");
  });

  it("is the newest that passed after one that failed", () => {
    const failed = content("3", { result: "failed", snapshot: null });
    expect(choose([content("1"), content("2"), failed], undefined, true)).toBe("2 undoes 3");
    expect(choose([content("1"), content("2")], undefined, true)).toBe("2 undoes nothing recorded");
  });

  it("counts a rollback as the release that it went back to, and not what it undid", () => {
    const back = content("1", {
      snapshot: null,
      rollback: { to: "records/0.json", undoes: "records/1.json", seconds: 9 },
    });
    expect(() => choose([content("1"), content("2"), back])).toThrow("no earlier release");
    expect(choose([content("1"), content("2"), back], "2")).toBe("2 undoes 1");
    expect(choose([content("1"), content("2"), back, content("3")])).toBe("1 undoes 3");
  });

  it("is where a rollback that failed was to go, as long as nothing came after it", () => {
    const half = content("1", {
      result: "failed",
      snapshot: null,
      rollback: { to: "records/0.json", undoes: "records/1.json", seconds: 9 },
    });
    const failed = [content("1"), content("2"), half];
    expect(choose(failed)).toBe("1 undoes 2");
    expect(choose(failed, undefined, true)).toBe("1 undoes 2");
    // Another one may still be asked for: nothing whole is deployed.
    expect(choose(failed, "2")).toBe("2 undoes 1");
    expect(choose([...failed, content("3")])).toBe("1 undoes 3");
  });

  it("is the one that was asked for, by release or key", () => {
    const all = [content("1"), content("2"), content("3")];
    expect(choose(all, "1")).toBe("1 undoes 3");
    expect(choose(all, "records/1.json")).toBe("2 undoes 3");
    expect(() => choose(all, "3")).toThrow('release "3": is what is deployed');
    expect(() => choose(all, "9")).toThrow("want one of 1, 2, 3");
  });

  it("does not exist for the first release", () => {
    expect(() => choose([content("1")])).toThrow("no earlier release is on record");
  });

  it("is not missed at the first release, which was never out before", () => {
    const failed = content("0", { result: "failed", snapshot: null });
    expect(isFirst(read(chainOf(failed, content("1"))), partsOf("1"))).toBe(true);
    expect(isFirst(read(chainOf(content("1"), failed)), partsOf("2"))).toBe(false);
  });

  it("is known before a release is recorded", () => {
    const records = read(chainOf(content("1"), content("2")));
    expect(newestOther(records, partsOf("3"))?.document.release).toBe("2");
    expect(newestOther(records, partsOf("2"))?.document.release).toBe("1");
  });
});
