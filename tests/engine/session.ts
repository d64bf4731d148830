// Commands of the embedded engine in one process, one after the other: it has loaded the engine's code and derived a stack's key
// once. What only a process of its own can show, e.g. how it ends, is for `Workplace.run`.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Result, unattended, type Workplace } from "./workplace.ts";

const PROGRAM = fileURLToPath(new URL("./session-process.ts", import.meta.url));

export class Session {
  readonly #place: Workplace;
  #process: ChildProcess | undefined;

  constructor(place: Workplace) {
    this.#place = place;
  }

  /** As `Workplace.run`, one at a time. @throws when the process ends instead */
  async run(args: readonly string[]): Promise<Result> {
    this.#process ??= this.#start();
    const answer = once(this.#process, "message");
    const end = once(this.#process, "exit");
    this.#process.send(unattended(args));
    const [first] = await Promise.race([answer, end]);
    if (this.#process.exitCode !== null || this.#process.signalCode !== null)
      throw new Error(`pulumi ${args.join(" ")}: its process ended, want an answer`);
    return first;
  }

  close(): void {
    this.#process?.kill("SIGKILL");
  }

  #start(): ChildProcess {
    return fork(PROGRAM, {
      cwd: this.#place.project,
      env: this.#place.environment,
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
  }
}
