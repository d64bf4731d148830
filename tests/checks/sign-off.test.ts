import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { digestJson } from "../../checks/canonical-json.ts";
import type { Freeze } from "../../checks/sign-off/freeze.ts";
import { sign } from "../../checks/sign-off/ssh.ts";
import { bytesOf, fileNameOf, type Statement, type Waiver } from "../../checks/sign-off/statement.ts";
import { step } from "../../checks/sign-off.ts";

let folder: string;
let keys: { [person: string]: { file: string; text: string } };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sign-off-"));
  keys = Object.fromEntries(
    ["ana", "bo"].map((person) => {
      const file = join(folder, person);
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", person, "-f", file]);
      return [person, { file, text: readFileSync(`${file}.pub`, "utf8").trim() }];
    }),
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const subject = { release: "1.2.0", settings: "abc", migrations: "def" };
const inputs = () => ({
  system: "orders",
  stack: "production",
  release: "1.2.0",
  phase: "before" as const,
  subject,
  required: [{ role: "Tech Lead", count: 1 }],
  signers: ["ana", "bo"].map((person) => ({ person, key: keys[person]?.text ?? "", roles: ["Tech Lead"] })),
  directory: join(folder, "."),
  validHours: 24,
  barred: [] as string[],
  waiverRoles: ["Tech Lead"],
  freezes: [] as Freeze[],
  waitSeconds: 0,
  graceHours: 0,
});

async function signed(change: Partial<Statement> = {}, key = change.person ?? "ana"): Promise<string> {
  const statement: Statement = {
    format: 1,
    system: "orders",
    stack: "production",
    release: "1.2.0",
    phase: "before",
    subject: digestJson(subject),
    role: "Tech Lead",
    person: "ana",
    decision: "go",
    signedAt: new Date().toISOString(),
    ...change,
  };
  const path = join(folder, fileNameOf(statement));
  writeFileSync(path, bytesOf(statement));
  writeFileSync(`${path}.sig`, await sign(keys[key]?.file ?? "", bytesOf(statement)));
  return path;
}

const context = { name: "sign-off", log: () => {}, signal: AbortSignal.timeout(60_000), previous: undefined };
const run = (change = {}) => step.run({ ...inputs(), ...change }, context);
const resultOf = async (change = {}) => (await run(change)).observations[0];

describe("sign-off", () => {
  it("opens for a signature by a listed person in the role", async () => {
    await signed();
    expect(await resultOf()).toMatchObject({ id: "tech-lead", result: "passed", observed: "1 (ana)" });
  });

  it("takes a name of any spelling", async () => {
    const person = "Pérez, Ana !";
    const signers = [{ person, key: keys.ana?.text ?? "", roles: ["Tech Lead"] }];
    await signed({ person }, "ana");
    expect(await resultOf({ signers })).toMatchObject({ result: "passed", observed: `1 (${person})` });
  });

  it("counts a key for the roles beside it, where somebody is listed twice", async () => {
    const signers = [
      { person: "ana", key: keys.ana?.text ?? "", roles: ["QA"] },
      { person: "ana", key: keys.bo?.text ?? "", roles: ["Tech Lead"] },
    ];
    await signed({}, "ana");
    expect((await resultOf({ signers }))?.result).toBe("failed");
    await signed({}, "bo");
    expect((await resultOf({ signers }))?.result).toBe("passed");
  });

  it("keeps statements in roles of other scripts apart", () => {
    const names = ["技術責任者", "品質", "Tech Lead"].map((role) =>
      fileNameOf({ release: "1.0.0", phase: "before", person: "ana", role } as Statement),
    );
    expect(new Set(names).size).toBe(3);
    expect(names[2]).toBe("1.0.0_before_tech-lead_ana.json");
  });

  it("has an observation of its own for each role, in whatever script", async () => {
    const roles = ["技術責任者", "品質", "Руководитель", "Tech Lead"];
    const { observations } = await run({ required: roles.map((role) => ({ role, count: 1 })) });
    const ids = observations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(roles.length + 1);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(ids.slice(3)).toEqual(["tech-lead", "no-veto"]);
  });

  it("stays shut without one, and says who can sign and how", async () => {
    expect(await resultOf()).toMatchObject({
      result: "failed",
      observed: '0 (nobody); ana or bo can: greenlight sign --role "Tech Lead"',
    });
  });

  it.each([
    ["made for another subject", { subject: "0".repeat(64) }, "was made for something else"],
    ["expired", { signedAt: new Date(Date.now() - 25 * 3_600_000).toISOString() }, "expired"],
    [
      "dated in the future",
      { signedAt: new Date(Date.now() + 3_600_000).toISOString() },
      "dated in the future",
    ],
    ["for another stack", { stack: "staging" }, "is about orders 1.2.0 on staging"],
    ["by a stranger", { person: "eve" }, "eve is not among the signers"],
  ])("stays shut for a signature %s", async (_what, change, why) => {
    await signed(change, "ana");
    const seen = await resultOf();
    expect(seen?.result).toBe("failed");
    expect(seen?.observed).toContain(why);
  });

  it("stays shut for a role in which the person does not sign, and says so", async () => {
    await signed({ role: "Owner" });
    const seen = await resultOf({ required: [{ role: "Owner", count: 1 }] });
    expect(seen).toMatchObject({ id: "owner", result: "failed" });
    expect(seen?.observed).toContain("ana does not sign as Owner");
    expect(seen?.observed).toContain('nobody in the settings can: greenlight sign --role "Owner"');
  });

  it("wants every role, and names the one that is missing", async () => {
    await signed();
    const { observations } = await run({
      required: [
        { role: "Tech Lead", count: 1 },
        { role: "Owner", count: 1 },
      ],
    });
    expect(observations.map(({ id, result }) => [id, result]).slice(0, 2)).toEqual([
      ["tech-lead", "passed"],
      ["owner", "failed"],
    ]);
  });

  it("stays shut when somebody else's key signed in a person's name", async () => {
    await signed({ person: "ana" }, "bo");
    expect((await resultOf())?.result).toBe("failed");
  });

  it("names a statement that is gone by the time it is read, and judges the others", async () => {
    await signed();
    symlinkSync(join(folder, "away"), join(folder, "gone.json"));
    const { observations, facts } = await run();
    expect(observations.find(({ id }) => id === "tech-lead")?.result).toBe("passed");
    expect(JSON.stringify(facts.refused)).toContain("gone.json");
  });

  it("stays shut when the statement was edited after it was signed", async () => {
    const path = await signed({ decision: "no-go" });
    writeFileSync(path, readFileSync(path, "utf8").replace("no-go", "go"));
    expect((await resultOf())?.result).toBe("failed");
  });

  it("counts persons, not signatures", async () => {
    await signed();
    const two = { required: [{ role: "Tech Lead", count: 2 }] };
    expect((await resultOf(two))?.result).toBe("failed");
    await signed({ person: "bo" });
    expect(await resultOf(two)).toMatchObject({ result: "passed", observed: "2 (ana, bo)" });
  });

  it("does not let the author of a change approve it", async () => {
    await signed();
    expect((await resultOf({ barred: ["ana"] }))?.observed).toContain(
      "made this change and cannot approve it",
    );
  });

  it("stays shut on a signed no-go, with its comment", async () => {
    await signed();
    await signed({ person: "bo", decision: "no-go", comment: "backup is old" });
    const { observations } = await run();
    expect(observations.find(({ id }) => id === "no-veto")).toMatchObject({
      result: "failed",
      observed: "no-go by bo (Tech Lead): backup is old",
    });
  });

  it("shows in preview what is to be signed and who is missing", async () => {
    const lines = await step.plan?.(inputs(), context);
    expect(lines?.[0]).toBe(`subject ${digestJson(subject)}`);
    expect(lines?.[1]).toContain("tech-lead: 0 (nobody)");
  });

  it("goes on counting signatures that opened the gate for the same subject", async () => {
    await signed({ signedAt: new Date(Date.now() - 25 * 3_600_000).toISOString() });
    const openedAt = new Date(Date.now() - 24 * 3_600_000).toISOString();
    const earlier = (what: string) => ({
      ...context,
      previous: { subject: what, since: openedAt, openedAt },
    });
    const same = await step.run(inputs(), earlier(digestJson(subject)));
    expect(same.observations[0]?.result).toBe("passed");
    const other = await step.run(inputs(), earlier("another"));
    expect(other.observations[0]?.observed).toContain("expired");
  });

  it("is pending while acceptance may still come in, and fails when its time is over", async () => {
    const after = { ...inputs(), phase: "after" as const, graceHours: 1 };
    const first = await step.run(after, context);
    expect(first.observations[0]).toMatchObject({ result: "inconclusive", pendingUntil: expect.any(String) });
    const since = new Date(Date.now() - 2 * 3_600_000).toISOString();
    const late = await step.run(after, { ...context, previous: { subject: digestJson(subject), since } });
    expect(late.observations[0]?.result).toBe("failed");
  });

  it("waits for a signature that comes while it is looking", async () => {
    const waiting = step.run(
      { ...inputs(), waitSeconds: 60 },
      {
        ...context,
        log: (line) => {
          expect(line).toContain("waits for 1 signed go as Tech Lead");
          void signed();
        },
      },
    );
    expect((await waiting).observations[0]?.result).toBe("passed");
  });

  it("keeps what it takes to check the signatures again without the folder", async () => {
    await signed();
    const { facts } = await run();
    expect(facts.statements).toMatchObject([
      {
        statement: expect.stringContaining('"person":"ana"'),
        signature: expect.stringContaining("BEGIN SSH SIGNATURE"),
        key: keys.ana?.text,
      },
    ]);
    expect(facts.signed).toMatchObject({ "Tech Lead": [{ person: "ana" }] });
  });

  describe("of a rollback", () => {
    /** What a record keeps of the gate that `signed` opened. */
    const kept = async () => {
      await signed({ comment: "go" });
      const { facts } = await run();
      rmSync(join(folder, readdirSync(folder).find((name) => name.endsWith(".json")) ?? ""));
      return JSON.parse(JSON.stringify(facts));
    };
    const back = (gate: unknown, recorded: { [part: string]: string } = { release: "1.2.0" }) =>
      run({ rollback: { record: "records/1.json", subject: recorded, gate } });

    it("counts the record's signatures on, with reference to it, and asks nobody again", async () => {
      const { observations, facts } = await back(await kept());
      expect(observations.map(({ id, result }) => [id, result])).toEqual([
        ["rollback", "passed"],
        ["tech-lead", "passed"],
      ]);
      expect(facts.signed).toMatchObject({
        "Tech Lead": [{ person: "ana", comment: "go; by records/1.json" }],
      });
      expect(facts.statements).toHaveLength(1);
    });

    it("does not open when it is not the recorded release, and then no signature counts", async () => {
      const { observations, facts } = await back(await kept(), { release: "1.1.0" });
      expect(observations[0]).toMatchObject({ id: "rollback", result: "failed", observed: "release differ" });
      expect(facts.signed).toEqual({});
    });

    it("counts no signature of another digest, nor one that does not hold", async () => {
      const gate = await kept();
      const other = await back({ ...gate, parts: { ...gate.parts, migrations: "other" } });
      expect(other.facts.signed).toEqual({});
      const [one] = gate.statements;
      const forged = await back({ ...gate, statements: [{ ...one, key: keys.bo?.text ?? "" }] });
      expect(forged.facts.signed).toEqual({});
      expect(forged.observations[1]).toMatchObject({ id: "tech-lead", result: "notApplicable" });
    });

    it("counts a role in which more have to sign by now as not signed", async () => {
      const gate = await kept();
      const required = [{ role: "Tech Lead", count: 2 }];
      const rollback = { record: "records/1.json", subject: { release: "1.2.0" }, gate };
      const { observations, facts } = await run({ required, rollback });
      expect(facts.signed).toEqual({});
      expect(observations[1]).toMatchObject({ id: "tech-lead", result: "notApplicable" });
    });

    it("goes back all the same where that release was not signed", async () => {
      const { observations, facts } = await back(null);
      expect(observations[0]).toMatchObject({ id: "rollback", result: "passed" });
      expect(facts.signed).toEqual({});
    });
  });
});

describe("a waiver", () => {
  async function waive(change: Partial<Waiver> = {}) {
    const waiver: Waiver = {
      format: 1,
      system: "orders",
      stack: "production",
      role: "Tech Lead",
      person: "ana",
      waives: "17",
      reason: "no pager yet",
      expires: "2999-01-01",
      signedAt: new Date().toISOString(),
      ...change,
    };
    const path = join(folder, fileNameOf(waiver));
    writeFileSync(path, bytesOf(waiver));
    writeFileSync(`${path}.sig`, await sign(keys.ana?.file ?? "", bytesOf(waiver)));
  }

  it("looks at a few signatures at a time", async () => {
    const log = join(folder, "at-work");
    const stub = join(folder, "stub");
    mkdirSync(stub);
    const real = execFileSync("which", ["ssh-keygen"], { encoding: "utf8" }).trim();
    const script = `#!/bin/sh\necho begin >> ${log}\n${real} "$@"\ncode=$?\necho end >> ${log}\nexit $code\n`;
    writeFileSync(join(stub, "ssh-keygen"), script, { mode: 0o755 });
    for (let box = 0; box < 30; box += 1) await waive({ waives: String(box) });
    vi.stubEnv("PATH", `${stub}:${process.env.PATH}`);
    try {
      await run();
    } finally {
      vi.unstubAllEnvs();
    }
    const lines = readFileSync(log, "utf8").trim().split("\n");
    expect(lines).toHaveLength(60);
    let [working, most] = [0, 0];
    for (const line of lines) {
      working += line === "begin" ? 1 : -1;
      most = Math.max(most, working);
    }
    expect(most).toBeLessThanOrEqual(8);
  });

  it("counts with its reason until its day, for any release", async () => {
    await waive();
    expect((await run({ release: "9.9.9" })).facts.waivers).toEqual([
      { box: "17", person: "ana", role: "Tech Lead", reason: "no pager yet", expires: "2999-01-01" },
    ]);
  });

  it.each([
    ["expired", { expires: "2020-01-01" }, {}, "expired on 2020-01-01"],
    ["for another stack", { stack: "staging" }, {}, "is about orders on staging"],
    ["in a role that waives nothing", {}, { waiverRoles: ["Owner"] }, "nobody waives boxes as Tech Lead"],
    ["by the author of the change", {}, { barred: ["ana"] }, "cannot waive its boxes"],
  ])("does not count %s", async (_what, change, given, why) => {
    await waive(change);
    const { facts } = await run(given);
    expect(facts.waivers).toEqual([]);
    expect(JSON.stringify(facts.refused)).toContain(why);
  });
});

describe("a freeze window", () => {
  const always: Freeze = {
    name: "year end",
    from: "2020-01-01T00:00",
    until: "2999-01-01T00:00",
    timeZone: "America/La_Paz",
    overrideRoles: ["Tech Lead"],
  };
  const freezeOf = async () =>
    (await run({ freezes: [always] })).observations.find(({ id }) => id === "no-freeze");

  it("keeps the gate shut although everybody signed, and says who can open it", async () => {
    await signed();
    const seen = await freezeOf();
    expect(seen?.result).toBe("failed");
    expect(seen?.observed).toContain('--override-freeze "year end"');
  });

  it("stays shut for a signed reason in a role that may not override it", async () => {
    await signed({ overridesFreeze: "year end", comment: "security fix" });
    const owners: Freeze = { ...always, overrideRoles: ["Owner"] };
    const { observations } = await run({ freezes: [owners] });
    expect(observations.find(({ id }) => id === "no-freeze")).toMatchObject({ result: "failed" });
  });

  it("opens for a signed reason, and for nothing without a reason", async () => {
    await signed({ overridesFreeze: "year end" });
    expect((await freezeOf())?.result).toBe("failed");
    await signed({ overridesFreeze: "year end", comment: "security fix" });
    expect(await freezeOf()).toMatchObject({
      result: "passed",
      observed: expect.stringContaining("security fix"),
    });
  });
});
