import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestJson } from "../../checks/canonical-json.ts";
import { sign } from "../../checks/sign-off/ssh.ts";
import { bytesOf, fileNameOf, type Statement } from "../../checks/sign-off/statement.ts";
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

  it("stays shut when somebody else's key signed in a person's name", async () => {
    await signed({ person: "ana" }, "bo");
    expect((await resultOf())?.result).toBe("failed");
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
});
