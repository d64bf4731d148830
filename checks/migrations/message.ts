// Several statements as ONE simple-query message: one network turn, and the server stops at the first error. The number
// of statements that completed says which one failed, also where the error itself has no position.
import type { Client, Connection, Submittable } from "pg";

export interface MessageFailure {
  error: Error & { code?: string; position?: string; hint?: string; detail?: string; where?: string };
  /** Statements that completed before the failing one. */
  completed: number;
}

/** Sends the text and waits for the server. Rows are dropped. Undefined when everything completed. */
export function send(client: Client, text: string): Promise<MessageFailure | undefined> {
  return new Promise((resolve) => {
    client.query(new Message(text, resolve));
  });
}

class Message implements Submittable {
  readonly text: string;
  readonly #finish: (failure: MessageFailure | undefined) => void;
  #completed = 0;

  constructor(text: string, finish: (failure: MessageFailure | undefined) => void) {
    this.text = text;
    this.#finish = finish;
  }

  submit(connection: Connection): void {
    connection.query(this.text);
  }

  handleCommandComplete(): void {
    this.#completed++;
  }

  handleError(error: Error): void {
    this.#finish({ error, completed: this.#completed });
  }

  handleReadyForQuery(): void {
    this.#finish(undefined);
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}
  handleCopyInResponse(connection: Connection & { sendCopyFail?(reason: string): void }): void {
    connection.sendCopyFail?.("a migration has no client stream");
  }
}
