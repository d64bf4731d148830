// What a person sees and types at a terminal.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workplace } from "../workplace.ts";

// Runs a command at a terminal of its own, types the keys once it has asked, and prints all that the terminal showed.
const TERMINAL = `
import os, pty, sys
keys, question, command = sys.argv[1], sys.argv[2], sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
shown, asked = b"", False
while True:
    try:
        read = os.read(terminal, 4096)
    except OSError:
        break
    if not read:
        break
    shown += read
    if not asked and question.encode() in shown:
        asked = True
        os.write(terminal, keys.encode())
sys.stdout.write(shown.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

let place: Workplace;

beforeAll(async () => {
  place = new Workplace();
  await place.must("stack", "init", "dev");
});
afterAll(() => place.close());

/** Types the keys when the question is there. */
async function typed(
  keys: string,
  question: string,
  ...args: string[]
): Promise<{ code: unknown; shown: string }> {
  const options = { cwd: place.project, env: place.environment };
  const words = ["-c", TERMINAL, keys, question, place.command, ...args];
  const ended = await promisify(execFile)("python3", words, options).catch(
    (error: { code: unknown; stdout: string }) => error,
  );
  return { code: "code" in ended ? ended.code : 0, shown: ended.stdout };
}

const stackFile = () => readFileSync(place.path("Pulumi.dev.yaml"), "utf8");

describe("config set at a terminal", () => {
  it("shows nothing of a secret that is typed", async () => {
    const { code, shown } = await typed(" hunter 2 \r", "value: ", "config", "set", "--secret", "key");
    expect(code).toBe(0);
    expect(shown).toContain("value: ");
    expect(shown).not.toMatch(/hunt|\*/);
    expect(stackFile()).not.toContain("hunter");
    expect(await place.must("config", "get", "key")).toBe(" hunter 2 \n");
  });

  it("shows what is typed where it is no secret", async () => {
    const { code, shown } = await typed("blue\r", "value: ", "config", "set", "colour");
    expect(code).toBe(0);
    expect(shown).toMatch(/value: .*blue/);
    expect(stackFile()).toContain("colour: blue");
  });

  it.each([
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
  ])("changes nothing after %s", async (_, key) => {
    await place.must("config", "set", "kept", "as it is");
    const before = stackFile();
    for (const secret of [[], ["--secret"]]) {
      const { code, shown } = await typed(key, "value: ", "config", "set", ...secret, "kept");
      expect(code).not.toBe(0);
      expect(shown).toContain("no value was given; nothing was changed");
      expect(stackFile()).toBe(before);
    }
  });

  it("does not wait for a value where it may not ask", async () => {
    const { code, shown } = await typed("", "value: ", "config", "set", "key", "--non-interactive");
    expect(code).not.toBe(0);
    expect(shown).toContain("config value must be specified in non-interactive mode");
  });
});
