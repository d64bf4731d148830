// What a report says from records: built by hand, compared and turned into the way back.
import { describe, expect, it } from "vitest";
import { type RecordDocument, recordDocument } from "../../checks/record/document.ts";
import type { StoredRecord } from "../../checks/record/links.ts";
import { contentOf } from "../../greenlight/records/failure.ts";
import { sayFrom } from "../../greenlight/records/report.ts";
import { assemble, type Report } from "../../report/report.ts";
import type { StepReport } from "../../report/steps.ts";

const times = {
  startedAt: "2026-05-04T09:00:00.000Z",
  finishedAt: "2026-05-04T09:00:10.000Z",
  durationSeconds: 10,
};
const step = (facts: object = {}, result = "passed") => ({ result, observations: [], facts, ...times });
const sha = (sign: string) => sign.repeat(64);

function record(
  release: string,
  more: Partial<{ [Field in keyof RecordDocument]: unknown }> = {},
): StoredRecord {
  const document = recordDocument().parse({
    ...{ version: 2, system: "orders", stack: "production", release, commit: "", previous: null },
    recordedAt: `2026-05-0${release[0]}T09:01:00.000Z`,
    parts: { release, settings: sha(release[0] ?? "0") },
    settings: { "greenlight:release.version": release, "greenlight:cache.url": `secret:${release}` },
    versions: { node: "26.10.0" },
    database: {
      at: "0001",
      migrations: [{ version: "0001", name: "orders", sha256: sha("a") }],
      schemaDigest: sha("d"),
    },
    snapshot: { key: `snapshots/${release}`, sha256: sha("b"), migrations: "migrations" },
    steps: {
      backup: step({ takenAt: "2026-05-04T08:59:00.000Z", key: `backups/${release}` }),
      release: step(),
      site: step({ manifest: { "index.html": { sha256: sha("1") } } }),
      health: step(),
    },
    boxes: { counts: {}, verdicts: { a: "proven", b: "open", c: "signed" } },
    ...more,
  });
  return { key: `records/orders/production/${release}.json`, sha256: sha("e"), document };
}

function reportOf(release: string, steps: StepReport[], errors: string[] = []): Report {
  const names = new Set(steps.map(({ name }) => name));
  return assemble({
    ...{ system: "orders", stack: "production", release, engine: "test", changes: {}, outputs: {}, errors },
    ...{ startedAt: new Date("2026-05-04T09:00:00Z"), finishedAt: new Date("2026-05-04T09:01:00Z") },
    ...{ steps, planned: [...steps, { name: "smoke", kind: "smoke" }], visited: names, ran: names },
  });
}
const written = (release: string): StepReport => ({
  ...{ name: "record", kind: "record", result: "passed", observations: [], ...times },
  facts: { key: `records/orders/production/${release}.json` },
});

const second = record("2.0.0", {
  settings: {
    "greenlight:release.version": "2.0.0",
    "greenlight:cache.url": "secret:2.0.0",
    "aws:region": "us-east-1",
  },
  versions: { node: "26.11.0" },
  database: {
    at: "0002",
    migrations: [
      { version: "0001", name: "orders", sha256: sha("a") },
      { version: "0002", name: "bills", sha256: sha("c") },
    ],
    schemaDigest: sha("f"),
  },
  steps: {
    backup: step({ takenAt: "2026-05-04T08:59:00.000Z", key: "backups/2.0.0" }),
    rehearsal: step({
      rowsChanged: { "public.bills": { before: null, after: 0 }, "public.orders": { before: 3, after: 3 } },
    }),
    release: step(),
    site: step({ manifest: { "index.html": { sha256: sha("2") }, "new.js": { sha256: sha("3") } } }),
    health: step(),
  },
  boxes: { counts: {}, verdicts: { a: "open", b: "proven", c: "signed", d: "pending" } },
});

describe("differences to the last release", () => {
  const { differences } = sayFrom([record("1.0.0"), second], reportOf("2.0.0", [written("2.0.0")]), ".");

  it("names every setting by path, and of a secret only that it changed", () => {
    expect(differences?.settings).toEqual([
      { name: "aws:region", from: null, to: "us-east-1" },
      { name: "greenlight:cache.url", from: "a secret", to: "another secret" },
      { name: "greenlight:release.version", from: "1.0.0", to: "2.0.0" },
    ]);
  });

  it("names migrations, files of the site, versions and steps that came, went or changed", () => {
    expect(differences).toMatchObject({
      since: { key: "records/orders/production/1.0.0.json", release: "1.0.0" },
      migrations: [{ name: "0002 bills", from: null, to: "cccccccccccc" }],
      site: [
        { name: "index.html", from: "111111111111", to: "222222222222" },
        { name: "new.js", from: null, to: "333333333333" },
      ],
      versions: [{ name: "node", from: "26.10.0", to: "26.11.0" }],
      steps: [{ name: "rehearsal", from: null, to: "passed" }],
    });
    expect(differences?.parts).toContainEqual({ name: "release", from: "1.0.0", to: "2.0.0" });
  });

  it("tells boxes gained from boxes lost", () => {
    expect(differences?.boxes).toEqual({
      gained: [{ name: "b", from: "open", to: "proven" }],
      lost: [{ name: "a", from: "proven", to: "open" }],
      other: [{ name: "d", from: null, to: "pending" }],
    });
  });

  it("are those to the release before, however often the same one was run again", () => {
    const again = { ...second, key: "records/orders/production/2.0.0b.json" };
    const said = sayFrom([record("1.0.0"), second, again], reportOf("2.0.0", [written("2.0.0b")]), ".");
    expect(said.differences?.since.release).toBe("1.0.0");
  });

  it("of a rollback are those to what it undid", () => {
    const rollback = { to: "records/orders/production/1.0.0.json", undoes: second.key, seconds: 42 };
    const back = { ...record("1.0.0", { rollback }), key: "records/orders/production/back.json" };
    const said = sayFrom([record("1.0.0"), second, back], reportOf("1.0.0", [written("back")]), ".");
    expect(said.differences?.since.key).toBe(second.key);
    expect(said.differences?.migrations).toEqual([{ name: "0002 bills", from: "cccccccccccc", to: null }]);
  });

  it("are none for the first release, and say what a failed one did not come to", () => {
    expect(sayFrom([record("1.0.0")], reportOf("1.0.0", [written("1.0.0")]), ".").differences).toBeNull();
    const health: StepReport = {
      name: "health",
      kind: "health",
      result: "failed",
      observations: [],
      facts: {},
      ...times,
    };
    const failed = sayFrom([record("1.0.0")], reportOf("2.0.0", [health], ["503"]), ".").differences;
    expect(failed).toMatchObject({ settings: null, migrations: null });
    expect(failed?.steps).toContainEqual({ name: "health", from: "passed", to: "failed" });
    expect(failed?.steps).toContainEqual({ name: "release", from: "passed", to: null });
  });
});

describe("the way back", () => {
  const way = (records: StoredRecord[], report: Report) =>
    sayFrom(records, report, "examples/orders").wayBack;

  it("has the exact commands, with the project's folder and the record that it leads to", () => {
    const command = "npx greenlight rollback -s production -C examples/orders";
    const to = "--to records/orders/production/1.0.0.json";
    const back = way([record("1.0.0"), second], reportOf("2.0.0", [written("2.0.0")]));
    expect(back?.commands.map((one) => one.command)).toEqual([
      `${command} --preview ${to}`,
      `${command} ${to}`,
      `${command} --restore-database ${to}`,
    ]);
    expect(back?.target?.release).toBe("1.0.0");
  });

  it("says what data would be lost either way, and how long it is likely to take", () => {
    const back = way([record("1.0.0"), second], reportOf("2.0.0", [written("2.0.0")]));
    expect(back?.lost[0]).toContain("(public.bills)");
    expect(back?.lost[1]).toContain("written after 2026-05-04T08:59:00.000Z (backups/2.0.0)");
    expect(back?.expected).toEqual({ seconds: 40, from: "the times of the steps of 1.0.0" });
    expect(back?.impossible.join()).toContain("payments");
  });

  it("loses nothing where the release brought no migration, and asks for nothing that was not pending", () => {
    const unchanged = { ...second.document.database, at: "0001" };
    const same = {
      ...second,
      document: { ...second.document, database: { ...record("1.0.0").document.database, ...unchanged } },
    };
    const none: StepReport["observations"] = [
      { id: "reversible", result: "notApplicable", expected: "a way down", observed: "nothing is pending" },
    ];
    const rehearsal: StepReport = {
      name: "rehearsal",
      kind: "rehearsal",
      result: "notApplicable",
      observations: none,
      facts: {},
      ...times,
    };
    const back = way(
      [record("1.0.0"), same as StoredRecord],
      reportOf("2.0.0", [rehearsal, written("2.0.0")]),
    );
    expect(back?.lost[0]).toBe("without a restore nothing: this release brought no migration");
    expect(back?.impossible.join()).not.toContain("pending");
  });

  it("counts on the last rollback where there was one", () => {
    const rollback = { to: "records/orders/production/1.0.0.json", undoes: null, seconds: 42.4 };
    const back = { ...record("1.0.0", { rollback }), key: "records/orders/production/back.json" };
    const said = way([record("1.0.0"), back, second], reportOf("2.0.0", [written("2.0.0")]));
    expect(said?.expected).toEqual({ seconds: 42, from: "the rollback of 2026-05-01T09:01:00.000Z" });
  });

  it("need not be gone when nothing of the release was put out", () => {
    const ran = (name: string, result: "passed" | "failed" | "notRun"): StepReport => ({
      ...{ name, kind: name, result, observations: [], facts: {}, ...times },
    });
    const early = [ran("backup", "failed"), ran("migration", "notRun"), ran("release", "notRun")];
    expect(way([record("1.0.0")], reportOf("2.0.0", early, ["late"]))?.needless).toBe(
      "nothing of this release was put out: migration, release did not run",
    );
    const late = [ran("migration", "passed"), ran("release", "failed")];
    expect(way([record("1.0.0")], reportOf("2.0.0", late, ["late"]))?.needless).toBeNull();
  });

  it("says why there is none, and names migrations that cannot be taken back", () => {
    expect(way([record("1.0.0")], reportOf("1.0.0", [written("1.0.0")]))).toMatchObject({
      target: null,
      commands: [],
      reason: expect.stringContaining("no earlier release is on record"),
    });
    const observations: StepReport["observations"] = [
      {
        id: "reversible",
        result: "failed",
        expected: "a way down",
        observed: "0002_bills.sql has no down file",
      },
    ];
    const rehearsal: StepReport = {
      name: "rehearsal",
      kind: "rehearsal",
      result: "failed",
      observations,
      facts: {},
      ...times,
    };
    const said = way([record("1.0.0"), second], reportOf("2.0.0", [rehearsal, written("2.0.0")]));
    expect(said?.impossible).toContain(
      "migrations by down files (reversible): 0002_bills.sql has no down file",
    );
  });
});

describe("a rollback that failed", () => {
  const [first, undone] = [record("1.0.0"), second];
  const rollback = { to: first.key, undoes: undone.key, seconds: 12, limitSeconds: 300 };
  /** Killed in its reversal: the site before it is back, the smoke test after it was not reached. */
  const cut = assemble({
    ...{ system: "orders", stack: "production", release: "1.0.0", engine: "test", changes: {}, outputs: {} },
    ...{ startedAt: new Date("2026-05-04T09:00:00Z"), finishedAt: new Date("2026-05-04T09:01:00Z") },
    errors: ["the engine was killed"],
    steps: ["site", "reversal"].map(
      (name): StepReport => ({ name, kind: name, result: "passed", observations: [], facts: {}, ...times }),
    ),
    planned: ["site", "reversal", "smoke"].map((name) => ({ name, kind: name })),
    visited: new Set(["site"]),
    ran: new Set(["site"]),
    underWay: { reversal: "2026-05-04T09:00:30.000Z" },
  });

  it("is recorded with the step that it failed in, what was left, and what it was to undo", () => {
    expect(contentOf(cut, { system: "orders", stack: "production" }, rollback)).toMatchObject({
      result: "failed",
      rollback,
      failure: { step: "reversal", messages: ["the engine was killed"] },
      left: { site: "done", reversal: expect.stringMatching(/^stopped: .*partly done/) },
      untouched: ["smoke"],
      // What an earlier run left of that step in the state is no evidence of this one.
      steps: {
        reversal: { result: "inconclusive", startedAt: "2026-05-04T09:00:30.000Z", durationSeconds: 30 },
      },
    });
  });

  it("says in its report what it was, where it failed, and that the way on is the same rollback", () => {
    const { notes, wayBack, differences } = sayFrom([first, undone], cut, ".", rollback);
    expect(notes).toEqual([
      `a rollback to 1.0.0 (${first.key}), undoing 2.0.0 (${undone.key}); it failed at reversal: run it again, it goes on from there`,
    ]);
    expect(wayBack?.target?.key).toBe(first.key);
    expect(differences?.since.release).toBe("2.0.0");
  });
});
