// Messages to the user, in the official engine's words where a person or a script knows them.
import type { EngineEvent, PendingOperation } from "../types.ts";

export type Severity = "debug" | "info" | "info#err" | "warning" | "error";

export class Diagnostics {
  readonly #emit: (event: EngineEvent) => void;

  constructor(emit: (event: EngineEvent) => void) {
    this.#emit = emit;
  }

  /** @param urn whom it is about; empty: the whole run, shown at the stack */
  say(severity: Severity, urn: string, message: string, stream?: { id: number; ephemeral: boolean }): void {
    const prefix = severity === "info" || severity === "info#err" ? "" : `${severity}: `;
    this.#emit({
      diagnosticEvent: {
        ...(urn && { urn }),
        prefix,
        message: message.endsWith("\n") ? message : `${message}\n`,
        color: "never",
        severity,
        ...(stream?.id && { streamID: stream.id }),
        ...(stream?.ephemeral && { ephemeral: true }),
      },
    });
  }

  error(urn: string, message: string): void {
    this.say("error", urn, message);
  }

  warning(urn: string, message: string): void {
    this.say("warning", urn, message);
  }

  /** A line that the program or the dynamic-provider server printed. */
  output(line: string, stream: "stdout" | "stderr"): void {
    this.say(stream === "stdout" ? "info" : "info#err", "", line);
  }
}

/** An end of the run whose reason has been shown already. */
export class Bail extends Error {}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Text for an error of the user's own making: what cannot be done here. */
export function unsupported(feature: string): Error {
  return new Error(`${feature}: not supported by the embedded engine; use the Pulumi CLI`);
}

/** What is said of operations that an earlier run began and never ended. */
export function pendingOperationsWarning(operations: PendingOperation[]): string {
  const list = operations.map(({ resource, type }) => `  * ${resource.urn}, interrupted while ${type}\n`);
  return (
    `Attempting to deploy or update resources with ${list.length} pending operations from previous deployment.\n` +
    `${list.join("")}It is not known whether these operations were completed: look at the resources themselves.\n` +
    "Then repair the stack with `pulumi refresh`; `pulumi refresh --clear-pending-creates` forgets pending creations."
  );
}
