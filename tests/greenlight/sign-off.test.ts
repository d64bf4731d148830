// Signing at a gate, as `greenlight sign` does.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sign } from "../../greenlight/commands/sign.ts";
import { type Gate, signDecision, signWaiver } from "../../greenlight/sign-off/gate.ts";

const folder = mkdtempSync(join(tmpdir(), "greenlight-sign-"));
const keyOf = (person: string) => join(folder, person);
beforeAll(() => {
  for (const person of ["ana", "bo"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", person, "-f", keyOf(person)]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const gate = (): Gate => ({
  system: "orders",
  stack: "production",
  release: "1.0.0",
  phase: "before",
  subject: { release: "1.0.0" },
  required: [{ role: "Tech Lead", count: 1 }],
  signers: ["ana", "bo"].map((person) => {
    const key = readFileSync(`${keyOf(person)}.pub`, "utf8").trim();
    return { person, key, roles: ["Tech Lead"] };
  }),
  waiverRoles: ["Tech Lead"],
  directory: join(folder, "sign-offs"),
  validHours: 24,
});

it("refuses another person's key, and leaves what that person signed", async () => {
  const decided = { role: "Tech Lead", person: "ana", decision: "go" } as const;
  const file = await signDecision(gate(), { ...decided, key: keyOf("ana") });
  const before = readFileSync(file, "utf8");
  const refusal = `sign-off: ${keyOf("bo")} is not the key of ana in the stack's signers`;
  await expect(signDecision(gate(), { ...decided, key: keyOf("bo") })).rejects.toThrow(refusal);
  const waived = {
    role: "Tech Lead",
    person: "ana",
    waives: "backup",
    reason: "none",
    expires: "2999-06-01",
  };
  await expect(signWaiver(gate(), { ...waived, key: keyOf("bo") })).rejects.toThrow(refusal);
  expect(readFileSync(file, "utf8")).toBe(before);
  expect(readdirSync(gate().directory)).toHaveLength(2);
});

describe("a waiver that no gate would count", () => {
  const waived = { role: "Tech Lead", person: "ana", waives: "1", reason: "none", expires: "2999-06-01" };
  const written = () => (existsSync(gate().directory) ? readdirSync(gate().directory) : []);

  it.each([
    [{ role: "Tester" }, 'role "Tester": waives no box, want one of Tech Lead'],
    [{ expires: "2020-01-01" }, "waiver: expires on 2020-01-01, want a day after "],
  ])("is refused before anything is written: %o", async (change, refusal) => {
    const before = written();
    const given = { ...waived, ...change, key: keyOf("ana") };
    await expect(signWaiver(gate(), given)).rejects.toThrow(refusal);
    expect(written()).toEqual(before);
  });

  it("is refused where the checklist has no such box", async () => {
    writeFileSync(join(folder, "Pulumi.yaml"), "name: orders\nruntime: nodejs\n");
    const asked = ["-s", "production", "-C", folder, "--role", "Tech Lead", "--key", keyOf("ana")];
    const waive = () => sign.run([...asked, "--waive", "9", "--reason", "none", "--expires", "2999-06-01"]);
    await expect(waive()).rejects.toThrow(/^box "9": \S+checklist\.yaml is not there, want the checklist/);
    writeFileSync(
      join(folder, "checklist.yaml"),
      "title: a\nboxes: [{ id: a, line: 1, item: b, signoff: c }]\n",
    );
    await expect(waive()).rejects.toThrow(
      /^box "9": not in \S+checklist\.yaml, want the id of one of its 1 boxes/,
    );
  });
});
