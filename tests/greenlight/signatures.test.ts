// The signatures in a record, checked again from the record alone.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecordText } from "../../checks/record/links.ts";
import { sign } from "../../checks/sign-off/ssh.ts";
import { bytesOf, type Statement } from "../../checks/sign-off/statement.ts";
import { signatureFaults } from "../../greenlight/records/signatures.ts";

const folder = mkdtempSync(join(tmpdir(), "greenlight-signatures-"));
const publicKey = (person: string) => readFileSync(join(folder, `${person}.pub`), "utf8").trim();
beforeAll(() => {
  for (const person of ["ana", "bo"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", person, "-f", join(folder, person)]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const statement: Statement = {
  format: 1,
  system: "orders",
  stack: "production",
  release: "1.0.0",
  phase: "before",
  subject: "0".repeat(64),
  role: "Tech Lead",
  person: "ana",
  decision: "go",
  signedAt: "2026-05-04T09:00:00.000Z",
};

/** A record whose gate kept one signature. */
async function recordOf(change: { key?: string; statement?: string } = {}) {
  const kept = {
    file: "ana.json",
    statement: bytesOf(statement).toString(),
    signature: (await sign(join(folder, "ana"), bytesOf(statement))).toString(),
    key: publicKey("ana"),
    ...change,
  };
  const step = { result: "passed", observations: [], startedAt: "", finishedAt: "" };
  const text = JSON.stringify({
    version: 2,
    system: "orders",
    stack: "production",
    release: "1.0.0",
    commit: "",
    recordedAt: "2026-05-04T09:12:33.120Z",
    previous: null,
    steps: { "sign-off": { ...step, facts: { statements: [kept] } } },
  });
  return readRecordText("records/1.json", text);
}

describe("a signature in a record", () => {
  it("holds without folder, network and settings", async () => {
    expect(await signatureFaults(await recordOf())).toEqual({ checked: 1, faults: [] });
  });

  it("is named with its person when it is not of their key", async () => {
    const { faults } = await signatureFaults(await recordOf({ key: publicKey("bo") }));
    expect(faults).toEqual([
      expect.stringMatching(/^records\/1\.json: ana\.json: the signature of ana does not hold/),
    ]);
  });

  it.each([
    ["another decision", bytesOf({ ...statement, decision: "no-go" }).toString(), "does not hold"],
    ["another spelling", ` ${JSON.stringify(statement)}`, "was edited after it was signed"],
    ["no statement", "{}", "is no sign-off statement"],
  ])("is named when it is under %s", async (_what, text, why) => {
    const { faults } = await signatureFaults(await recordOf({ statement: text }));
    expect(faults).toEqual([expect.stringContaining(why)]);
  });
});
