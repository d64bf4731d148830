// The two live lines of a deployment on a terminal: the step that runs, with a bar against how long it took in earlier releases, and
// the whole of it with the time that is left. Only what is drawn; console.ts says when.
import { seconds } from "../report/timeline.ts";

const BAR_CELLS = 20;
const NAME_CELLS = 16;

/** How long steps took in earlier releases, in seconds by name. */
export type Expected = { readonly [step: string]: number };

export interface LiveStep {
  name: string;
  /** Unknown where no release has it on record. */
  expectedSeconds: number | undefined;
  state: "waiting" | "running" | "done";
}

/** What is known of a deployment at one moment; times are milliseconds since 1970. */
export interface LiveState {
  steps: LiveStep[];
  beganAt: number;
  /** The step that runs, and since when. */
  running: { name: string; since: number } | undefined;
  /** Resources made so far, while they are. */
  resources: number;
  /** What was said last. */
  said: string;
}

/** A deployment that has not begun. @param changing steps that are going to run */
export function liveState(changing: string[], expected: Expected, now: number): LiveState {
  const steps = changing.map(
    (name): LiveStep => ({ name, expectedSeconds: expected[name], state: "waiting" }),
  );
  return { steps, beganAt: now, running: undefined, resources: 0, said: "" };
}

/** The lines as they are now, each at most so wide. */
export function liveLines(state: LiveState, now: number, width: number): string[] {
  return [currentLine(state, now), wholeLine(state, now)]
    .filter((line) => line !== "")
    .map((line) => line.slice(0, Math.max(1, width - 1)));
}

function currentLine({ running, resources, said, steps }: LiveState, now: number): string {
  if (!running) {
    const done = resources === 0 ? "" : `${resources} resources  `;
    return resources === 0 && said === "" ? "" : `  › ${"infrastructure".padEnd(NAME_CELLS)}${done}${said}`;
  }
  const elapsed = (now - running.since) / 1000;
  const expected = steps.find(({ name }) => name === running.name)?.expectedSeconds;
  const time =
    expected === undefined
      ? seconds(elapsed)
      : `${bar(elapsed / expected)}  ${seconds(elapsed)} of about ${seconds(expected)}`;
  return `  › ${running.name.padEnd(NAME_CELLS)}${time}  ${said}`.trimEnd();
}

function wholeLine(state: LiveState, now: number): string {
  const { steps, beganAt, running } = state;
  if (steps.length === 0) return "";
  const done = steps.filter((step) => step.state === "done").length;
  const known = steps.filter(({ expectedSeconds }) => expectedSeconds !== undefined);
  const elapsed = running ? (now - running.since) / 1000 : 0;
  const total = known.reduce((sum, { expectedSeconds = 0 }) => sum + expectedSeconds, 0);
  const left = known.reduce((sum, step) => sum + leftOf(step, elapsed), 0);
  const share = total > 0 ? 1 - left / total : done / steps.length;
  const counted = `${done} of ${steps.length} steps`.padEnd(NAME_CELLS);
  return `    ${counted}${bar(share)}  ${seconds((now - beganAt) / 1000)}${remaining(state, left, known.length)}`;
}

/** A step that takes longer than before is about to end, as far as anybody knows. */
function leftOf({ state, expectedSeconds = 0 }: LiveStep, elapsed: number): number {
  if (state === "done") return 0;
  return state === "running" ? Math.max(0, expectedSeconds - elapsed) : expectedSeconds;
}

function remaining({ steps }: LiveState, left: number, known: number): string {
  if (known === 0) return "";
  const unknown = steps.some(
    ({ state, expectedSeconds }) => state !== "done" && expectedSeconds === undefined,
  );
  return `, ${unknown ? "more than" : "about"} ${seconds(left)} left`;
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS);
  return `${"█".repeat(full)}${"░".repeat(BAR_CELLS - full)}`;
}
