// `up|refresh|destroy --json`: the engine's events, one a line.
import type { EngineEvent } from "../types.ts";
import type { Display } from "./display.ts";
import { EventWriter } from "./event-json.ts";

/** Prints every event as a line of JSON. */
export class EventsJsonDisplay implements Display {
  readonly #write: (text: string) => void;
  readonly #writer = new EventWriter();

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  event(event: EngineEvent): void {
    this.#write(`${this.#writer.render(event)}\n`);
  }

  finish(): void {}
}
