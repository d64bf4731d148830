// Runs one file in one transaction, sent as one message: begin, limits, the file, its verify block, its history row, commit.
import type { Client } from "pg";
import { NO_TIME_LIMITS } from "../database.ts";
import { describeFailure, failing, MigrationFailure, type SentText } from "./failure.ts";
import { type MessageFailure, send } from "./message.ts";
import type { Script, Statement } from "./script.ts";
import { verifySql } from "./verify.ts";

export interface Limits {
  /** Longest wait for a lock on a table before the file is rolled back and tried again. */
  lockTimeoutSeconds: number;
  /** Limit of one statement; 0 is none. A file's directive goes before it. */
  statementTimeoutSeconds: number;
}

/** A failure of a file, with what a retry has to know. */
export class FileFailure extends MigrationFailure {
  readonly statement: Statement | undefined;

  constructor(message: string, file: string, sqlState: string | undefined, statement: Statement | undefined) {
    super(message, file, sqlState);
    this.statement = statement;
  }

  static of(script: Script, sent: SentText, failure: MessageFailure): FileFailure {
    const message = describeFailure(script, sent, failure);
    return new FileFailure(message, script.file.path, failure.error.code, failing(sent, failure));
  }

  /** The same failure with its cause in the message. */
  because(cause: string): FileFailure {
    return new FileFailure(`${this.message}; ${cause}`, this.file, this.sqlState, this.statement);
  }
}

// A file may change the session for good (SET ROLE, SET search_path): the next one must not depend on whether it ran before it
// in the same session. What ends a session would give up the lock too. The last setting makes the server notice within seconds that this process is gone.
const CLEAN = ["reset session authorization", "reset role", "reset all", NO_TIME_LIMITS];
const CONNECTION_CHECK = "client_connection_check_interval = '2s'";

/**
 * - `now`: the commit returns when it is on disk.
 * - `later`: another file follows, whose commit takes this one to disk with it. A server that crashes in between loses the file
 *   and its history row together, so that the next run does it again. Saves a turn of the disk a file.
 */
export type Flush = "now" | "later";

/** @param record the history's statement for this file, run in the same transaction. @throws FileFailure */
export async function runInTransaction(
  client: Client,
  script: Script,
  limits: Limits,
  record: string,
  flush: Flush = "now",
): Promise<void> {
  const sent = transactionText(script, limits, record, flush);
  const failure = await send(client, sent.text);
  if (!failure) return;
  // Ends the transaction that the error left behind; after a lost connection there is none.
  await send(client, "rollback");
  throw FileFailure.of(script, sent, failure);
}

function transactionText(script: Script, limits: Limits, record: string, flush: Flush): SentText {
  const settings = [...limitsSql(script, limits), ...(flush === "later" ? ["synchronous_commit = off"] : [])];
  const before = ["begin", ...CLEAN, ...settings.map((setting) => `set local ${setting}`)];
  const head = `${before.join(";")};\n`;
  const verify = script.verify.map(verifySql);
  const after = [...verify, "reset session authorization", "reset role", record, "commit"];
  return {
    // A line of its own ends a comment; the semicolon ends the last statement.
    text: `${head}${script.body}\n;${after.join("\n;\n")}`,
    bodyStart: head.length,
    before: before.length,
    statements: script.statements,
    verify: script.verify,
  };
}

/** Settings for the statements of a file, to be used with `set` or `set local`. */
export function limitsSql(script: Script, limits: Limits): string[] {
  const statementTimeoutSeconds = script.statementTimeoutSeconds ?? limits.statementTimeoutSeconds;
  return [
    `lock_timeout = '${Math.round(limits.lockTimeoutSeconds * 1000)}ms'`,
    `statement_timeout = '${Math.round(statementTimeoutSeconds * 1000)}ms'`,
    CONNECTION_CHECK,
  ];
}

/** Takes away what a file set for its session, also a role. */
export async function cleanSession(client: Client): Promise<void> {
  await send(client, CLEAN.join(";"));
}

/** Limits for statements outside a transaction, on a session without traces of earlier files. */
export async function prepareSession(client: Client, script: Script, limits: Limits): Promise<void> {
  const settings = limitsSql(script, limits).map((setting) => `set ${setting}`);
  const failure = await send(client, [...CLEAN, ...settings].join(";"));
  if (failure) throw new MigrationFailure(failure.error.message, script.file.path, failure.error.code);
}
