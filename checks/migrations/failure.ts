// What an operator reads when a file fails: where, which statement, the server's words, and what state the database is in.

import { codePointOffset } from "./grammar.ts";
import type { MessageFailure } from "./message.ts";
import { excerpt, place, type Script, type Statement } from "./script.ts";

/** What was sent: the file's body within the whole text, and how many statements stand around it. */
export interface SentText {
  text: string;
  /** Offset of the body in `text`. */
  bodyStart: number;
  /** Statements before the body. */
  before: number;
  statements: Statement[];
  verify: Statement[];
}

const SQLSTATE = /^[0-9A-Z]{5}$/;

export class MigrationFailure extends Error {
  readonly file: string;
  /** SQLSTATE, e.g. `42P07`; undefined when the failure is not the server's. */
  readonly sqlState: string | undefined;

  constructor(message: string, file: string, sqlState?: string) {
    super(message);
    this.file = file;
    this.sqlState = sqlState;
  }
}

/** `0004_x.sql:12:8: column "y" does not exist (SQLSTATE 42703) in "alter table …"; hint: …` */
export function describeFailure(script: Script, sent: SentText, failure: MessageFailure): string {
  const { error } = failure;
  if (!SQLSTATE.test(error.code ?? ""))
    return `${script.file.path}: ${error.message}; the connection was lost before the server answered: whether the file was committed is in the history, and the next up goes on from there`;
  const statement = failing(sent, failure);
  const offset = positionIn(sent, script, error.position) ?? statement?.offset;
  const where = offset === undefined ? script.file.path : place(script.file, offset);
  const inVerify = statement !== undefined && sent.verify.includes(statement);
  const parts = [
    `${where}: ${inVerify ? "verify: " : ""}${error.message} (SQLSTATE ${error.code})`,
    statement ? ` in "${excerpt(statement.text)}"` : "",
    error.detail ? `; detail: ${error.detail}` : "",
    error.hint ? `; hint: ${error.hint}` : "",
  ];
  return parts.join("").replace(/\s+/g, " ");
}

/** The statement behind the last one that completed. */
export function failing(sent: SentText, { completed }: MessageFailure): Statement | undefined {
  const index = completed - sent.before;
  if (index < 0) return undefined;
  return [...sent.statements, ...sent.verify][index];
}

function positionIn(sent: SentText, script: Script, position: string | undefined): number | undefined {
  if (position === undefined) return undefined;
  const offset = codePointOffset(sent.text, Number(position) - 1) - sent.bodyStart;
  return offset >= 0 && offset <= script.body.length ? offset : undefined;
}
