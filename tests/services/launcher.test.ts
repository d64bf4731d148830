// The command as a person calls it: found through any link, on the project's Node, with clear answers to wrong calls.

import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../local/services/layout.ts";

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

const launcher = join(projectRoot, "greenlight", "bin", "greenlight");

async function greenlight(
  args: string[],
  file = launcher,
  cwd = projectRoot,
  PATH = process.env.PATH,
): Promise<Outcome> {
  try {
    const env = { ...process.env, PATH };
    const { stdout, stderr } = await promisify(execFile)(file, args, { cwd, env });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as Outcome;
    return { code, stdout, stderr };
  }
}

describe("greenlight", () => {
  it("runs through links, from any folder", async () => {
    const folder = await mkdtemp(join(tmpdir(), "greenlight launcher "));
    try {
      await symlink(launcher, join(folder, "absolute"));
      await symlink("absolute", join(folder, "relative"));
      const outcome = await greenlight(["help"], join(folder, "relative"), folder);
      expect(outcome).toMatchObject({ code: 0, stderr: "" });
      expect(outcome.stdout).toMatch(/^usage: greenlight COMMAND/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("is the command that npx runs in a clone", async () => {
    const outcome = await greenlight(["--no", "--", "greenlight", "help", "doctor"], "npx");
    expect(outcome.stdout).toMatch(/^usage: greenlight doctor/);
    expect(outcome.code).toBe(0);
  });

  it.each([
    [["deploy"], 'greenlight: no command "deploy"; there are '],
    [["help", "deploy"], 'greenlight: no command "deploy"; there are '],
    [["local"], "greenlight local: want an action\n\nusage: greenlight local "],
    [["local", "restart"], 'greenlight local: no action "restart"\n\nusage: '],
    [["local", "start", "now"], 'greenlight local: unexpected "now"\n\nusage: '],
    [["local", "stop", "--json"], "greenlight local: --json goes with status and env\n\nusage: "],
    [["local", "status", "--yaml"], "greenlight local: Unknown option '--yaml'"],
    [["doctor", "now"], 'greenlight doctor: unexpected "now"\n\nusage: '],
    [["agent"], "greenlight agent: want --secret NAME or AGENT_SECRET_ID\n\nusage: "],
    [["backup", "--now"], "greenlight backup: Unknown option '--now'"],
    [
      ["rollback", "--stack"],
      "greenlight rollback: Option '-s, --stack <value>' argument missing\n\nusage: ",
    ],
    [["migrate", "up", "--directory", "x"], "greenlight migrate: Unknown option '--directory'"],
  ])("refuses %j with exit code 2", async (args, message) => {
    const { code, stdout, stderr } = await greenlight(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.startsWith(message)).toBe(true);
  });
});

describe("greenlight doctor", () => {
  it("reports every requirement, and fails only when one is missing", async () => {
    const { code, stdout } = await greenlight(["doctor", "--json"]);
    const findings: { subject: string; result: string; found: string; remedy?: string }[] =
      JSON.parse(stdout);
    expect(findings.map(({ subject }) => subject)).toEqual([
      ...[
        "system",
        "node",
        "npm",
        "python",
        "postgresql",
        "server user",
        "valkey",
        "disk",
        "ports",
        "pulumi",
        "ssh-keygen",
      ],
    ]);
    expect(code).toBe(findings.some(({ result }) => result === "missing") ? 1 : 0);
    for (const { result, remedy } of findings) expect(remedy === undefined).toBe(result === "ok");
  });

  it("reports a program that does not run, and the rest all the same", async () => {
    const { code, stdout } = await withBroken("npm", (path) =>
      greenlight(["doctor", "--json"], launcher, projectRoot, path),
    );
    const findings: { subject: string; result: string; found: string }[] = JSON.parse(stdout);
    expect(findings.find(({ subject }) => subject === "npm")).toMatchObject({
      result: "missing",
      found: expect.stringMatching(/npm does not run$/),
    });
    expect([findings.length, code]).toEqual([11, 1]);
  });
});

describe("commands about a stack", () => {
  it("say so where the pulumi on PATH does not run", async () => {
    const { code, stderr } = await withBroken("pulumi", (path) =>
      greenlight(["report", "-s", "local"], launcher, projectRoot, path),
    );
    expect(stderr).toMatch(
      /^greenlight report: the pulumi on PATH does not tell its version \(.*\); repair it/,
    );
    expect(code).toBe(1);
  });
});

/** A PATH on which a program is found first that ends with an error. */
async function withBroken<T>(name: string, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "greenlight-broken-"));
  try {
    await writeFile(join(folder, name), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    return await use([folder, process.env.PATH].join(delimiter));
  } finally {
    await rm(folder, { recursive: true });
  }
}
