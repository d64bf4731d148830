// Signing at a gate, as `greenlight sign` does.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
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
    expires: "2026-06-01",
  };
  await expect(signWaiver(gate(), { ...waived, key: keyOf("bo") })).rejects.toThrow(refusal);
  expect(readFileSync(file, "utf8")).toBe(before);
  expect(readdirSync(gate().directory)).toHaveLength(2);
});
