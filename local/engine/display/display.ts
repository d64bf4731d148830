// What every way of showing a run has in common: it takes events and ends with the summary.
import type { EngineEvent } from "../types.ts";

/** Shows one run. Events carry secrets in clear: what is printed is hidden by the display. */
export interface Display {
  event(event: EngineEvent): void;
  /** Prints what remains; called once, after the last event. */
  finish(): void;
}

/** How a run is to be shown. */
export interface DisplayOptions {
  /** `Updating (dev):` */
  headline: string;
  /** Also of a stack that is not there yet. */
  stackUrn: string;
  preview: boolean;
  colored: boolean;
  showOutputs: boolean;
  showSames: boolean;
  showReads: boolean;
  /** Prints a text with its line end. */
  write(text: string): void;
}
