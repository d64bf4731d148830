// The program's calls in the order in which they came, and its end after the last of them.
import type { PropertyMap } from "../types.ts";
import type { Registration } from "./goal.ts";
import type { SourceEvent } from "./monitor.ts";
import type { Step } from "./step.ts";

/** How the program, or the phase that it steers, came to its end; `reported`: the reason was shown already. */
export type Ending = { ended: "well" } | { ended: "badly"; reported: boolean; message?: string };

export class EventSource {
  readonly #events: SourceEvent[] = [];
  #ending: Ending | undefined;
  #wake: (() => void) | undefined;
  readonly #stopped: AbortSignal;
  /** What the program wants the stack to show; stands once it is known how all ended. */
  stackOutputs: { step: Step; outputs: PropertyMap } | undefined;

  constructor(stopped: AbortSignal) {
    this.#stopped = stopped;
    stopped.addEventListener("abort", () => this.#wake?.(), { once: true });
  }

  push(event: SourceEvent): void {
    this.#events.push(event);
    this.#wake?.();
  }

  /** The registration that comes next, when it is here already and nothing else comes before it. */
  upcoming(): Registration | undefined {
    const [next] = this.#events;
    return next?.kind === "register" ? next.registration : undefined;
  }

  /** The first end counts: a program that said that it is done may still be told to stop. */
  end(ending: Ending): void {
    this.#ending ??= ending;
    this.#wake?.();
  }

  /** The next call, the end, or `stopped` when no further step may start. */
  async next(): Promise<SourceEvent | Ending | "stopped"> {
    while (true) {
      if (this.#stopped.aborted) return "stopped";
      const event = this.#events.shift();
      if (event) return event;
      if (this.#ending) return this.#ending;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
