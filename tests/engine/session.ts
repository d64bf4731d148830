// Commands of the embedded engine in one process, one after the other: it has loaded the engine's code and derived a stack's key
// once. What only a process of its own can show, e.g. how it ends, is for `Workplace.run`.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Result, Workplace } from "./workplace.ts";

const PROGRAM = fileURLToPath(new URL("./session-process.ts", import.meta.url));

export class Session {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(place: Workplace) {
    this.#process = fork(PROGRAM, {
      cwd: place.project,
      env: place.environment,
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    this.#ended = once(this.#process, "exit");
  }

  /** As `Workplace.run`, one at a time. @throws when the process ends instead */
  async run(args: readonly string[]): Promise<Result> {
    const answer = once(this.#process, "message");
    this.#process.send(args);
    const first = await Promise.race([answer, this.#ended.then(() => undefined)]);
    if (!first) throw new Error(`pulumi ${args.join(" ")}: its process ended, want an answer`);
    return first[0];
  }

  close(): void {
    this.#process.kill("SIGKILL");
  }
}
