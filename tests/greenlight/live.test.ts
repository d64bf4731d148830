// The live view as it is computed, as a terminal gets it, and as a file gets it.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { recordDocument } from "../../checks/record/document.ts";
import type { StoredRecord } from "../../checks/record/links.ts";
import { Console } from "../../greenlight/console.ts";
import { liveLines, liveState } from "../../greenlight/live.ts";
import type { Progress } from "../../greenlight/progress.ts";
import { durationsOf } from "../../greenlight/records/durations.ts";
import { projectRoot } from "../../local/services/layout.ts";

const planned = (...names: string[]) => names.map((name) => ({ name, kind: name, op: "update", plan: [] }));
const finished = (name: string): Progress => ({
  ...{
    event: "step-finished",
    name,
    kind: name,
    passed: true,
    accepted: [],
    durationSeconds: 8,
    proved: "3 of 3 observations passed",
  },
});

describe("the live lines", () => {
  const state = () => liveState(["backup", "smoke", "alarms"], { backup: 10, smoke: 20, alarms: 10 }, 0);

  it("show how far a step is against earlier releases, and how much of the whole is left", () => {
    const at = state();
    const [backup, smoke] = at.steps;
    if (backup) backup.state = "done";
    if (smoke) smoke.state = "running";
    at.running = { name: "smoke", since: 9000 };
    at.said = "journey 2 of 4";
    expect(liveLines(at, 14_000, 120)).toEqual([
      "  › smoke           █████░░░░░░░░░░░░░░░  5.0 s of about 20 s  journey 2 of 4",
      "    1 of 3 steps    ████████░░░░░░░░░░░░  14 s, about 25 s left",
    ]);
  });

  it("never run backwards: a step that takes longer than before is about to end", () => {
    const at = state();
    for (const step of at.steps) step.state = step.name === "alarms" ? "running" : "done";
    at.running = { name: "alarms", since: 0 };
    expect(liveLines(at, 60_000, 120)).toEqual([
      "  › alarms          ████████████████████  60 s of about 10 s",
      "    2 of 3 steps    ████████████████████  60 s, about 0.0 s left",
    ]);
  });

  it("promise no time where none is on record, and say when some of it is not known", () => {
    const unknown = liveState(["backup", "smoke"], {}, 0);
    unknown.running = { name: "backup", since: 0 };
    expect(liveLines(unknown, 2000, 120)).toEqual([
      "  › backup          2.0 s",
      "    0 of 2 steps    ░░░░░░░░░░░░░░░░░░░░  2.0 s",
    ]);
    expect(liveLines(liveState(["backup", "smoke"], { smoke: 20 }, 0), 0, 120)).toEqual([
      "    0 of 2 steps    ░░░░░░░░░░░░░░░░░░░░  0.0 s, more than 20 s left",
    ]);
  });

  it("are cut to the terminal's width, so that none wraps", () => {
    const at = state();
    at.running = { name: "smoke", since: 0 };
    at.said = "x".repeat(500);
    expect(liveLines(at, 0, 60).every((line) => line.length < 60)).toBe(true);
  });
});

describe("durations of earlier releases", () => {
  const record = (
    hour: number,
    steps: { [name: string]: [began: number, seconds: number, result?: string] },
  ): StoredRecord => ({
    key: String(hour),
    sha256: "",
    document: recordDocument().parse({
      ...{ version: 2, system: "s", stack: "l", release: "1", commit: "", previous: null },
      recordedAt: new Date(hour * 3_600_000).toISOString(),
      steps: Object.fromEntries(
        Object.entries(steps).map(([name, [began, durationSeconds, result = "passed"]]) => {
          const startedAt = new Date(began * 3_600_000).toISOString();
          return [
            name,
            { result, observations: [], facts: {}, startedAt, finishedAt: startedAt, durationSeconds },
          ];
        }),
      ),
    }),
  });

  it("are the median of the runs in which a step ran itself and did not fail", () => {
    const records = [
      record(2, { smoke: [1, 10], backup: [1, 5] }),
      record(4, { smoke: [3, 30], backup: [1, 5] }),
      record(6, { smoke: [5, 20], backup: [5, 60, "failed"] }),
    ];
    expect(durationsOf(records)).toEqual({ smoke: 20, backup: 5 });
    expect(durationsOf([])).toEqual({});
  });
});

describe("the console", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });
  const told: Progress[] = [
    { event: "planned", steps: planned("backup", "smoke"), expected: { backup: 10, smoke: 20 } },
    { event: "resource", done: 3, op: "create", name: "bucket", type: "aws:s3/bucket:Bucket" },
    { event: "step-started", name: "backup", kind: "backup" },
    { event: "line", text: "dumps 14 tables" },
    finished("backup"),
  ];

  it("writes lines alone where there is no terminal, and nothing while nothing happens", () => {
    let text = "";
    const shown = new Console({ write: (part) => (text += part) });
    for (const progress of told) shown.progress(progress);
    vi.advanceTimersByTime(60_000);
    expect(text).toBe(
      "  ✓ infrastructure            3 resources\n  ✓ backup             8.0 s  3 of 3 observations passed\n",
    );
  });

  it("draws again while a step runs, and takes the live lines away before a line and at the end", () => {
    vi.stubEnv("NO_COLOR", "1");
    let text = "";
    const shown = new Console({ write: (part) => (text += part), isTTY: true, columns: 100 });
    for (const progress of told.slice(0, 4)) shown.progress(progress);
    text = "";
    vi.advanceTimersByTime(1000);
    expect(text).toContain("1.0 s of about 10 s  dumps 14 tables\n");
    expect(text.endsWith("about 29 s left")).toBe(true);
    text = "";
    shown.progress(finished("backup"));
    expect(text.startsWith("\r\u001b[1A\u001b[J  ✓ backup")).toBe(true);
    shown.end();
    text = "";
    vi.advanceTimersByTime(60_000);
    expect(text).toBe("");
  });
});

describe("on a terminal of its own", () => {
  /** What a screen of 24 lines and 100 columns shows in the end, and everything that was sent to it. */
  const PTY = `
import os, pty, sys, struct, fcntl, termios
sent = bytearray()
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    os.execv(sys.argv[1], sys.argv[1:])
try:
    while True:
        data = os.read(fd, 4096)
        if not data: break
        sent.extend(data)
except OSError: pass
os.waitpid(pid, 0)
sys.stdout.buffer.write(sent)
`;
  const PROGRAM = `
import { Console } from ${JSON.stringify(join(projectRoot, "greenlight/console.ts"))};
const shown = new Console(process.stdout);
const step = (name) => ({ name, kind: name, op: "update", plan: [] });
shown.progress({ event: "planned", steps: [step("backup"), step("smoke")], expected: { backup: 1, smoke: 20 } });
shown.progress({ event: "step-started", name: "backup", kind: "backup" });
setTimeout(() => {
  shown.progress({ event: "step-finished", name: "backup", kind: "backup", passed: true, accepted: [], durationSeconds: 1, proved: "done" });
  shown.progress({ event: "step-started", name: "smoke", kind: "smoke" });
  shown.progress({ event: "step-finished", name: "smoke", kind: "smoke", passed: false, accepted: [], durationSeconds: 1, proved: "not done" });
  shown.progress({ event: "step-finished", name: "logs", kind: "logs", passed: true, accepted: ["errors: 5, want 0; advisory"], durationSeconds: 1, proved: "1 of 2 observations passed" });
  shown.end();
  shown.line("the end");
}, 600);
`;

  it("moves while a step runs and leaves only the lines of the steps behind", () => {
    const command = ["-c", PTY, process.execPath, "--input-type=module", "--eval", PROGRAM];
    const env = { PATH: process.env.PATH, NO_COLOR: "1", TERM: "xterm" };
    const sent = execFileSync("python3", command, { encoding: "utf8", env });
    expect(sent.match(/› backup/g)?.length).toBeGreaterThan(1);
    expect(sent).toContain("of about 1.0 s");
    expect(screenOf(sent)).toEqual([
      "  ✓ backup             1.0 s  done",
      "  ✗ smoke              1.0 s  not done",
      "  ! logs               1.0 s  1 of 2 observations passed",
      "    accepted: errors: 5, want 0; advisory",
      "the end",
    ]);
  });

  /** The lines that stand on the screen after everything: knows the three movements that are used. */
  function screenOf(sent: string): string[] {
    const lines = [""];
    let row = 0;
    let column = 0;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: movements of the cursor begin with one
    for (const [part] of sent.matchAll(/\u001b\[\d*[A-Z]|\r|\n|[^\u001b\r\n]+/g)) {
      if (part.startsWith("\u001b[") && part.endsWith("A")) row -= Number(part.slice(2, -1));
      else if (part === "\u001b[J")
        lines.splice(row, Number.POSITIVE_INFINITY, (lines[row] ?? "").slice(0, column));
      else if (part === "\r") column = 0;
      else if (part === "\n") [row, lines[row + 1]] = [row + 1, lines[row + 1] ?? ""];
      else {
        lines[row] = (lines[row] ?? "").slice(0, column).padEnd(column) + part;
        column += part.length;
      }
    }
    return lines.filter((line) => line !== "");
  }
});
