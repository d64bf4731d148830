// One SQL file as the runner sees it: statements with their lines, directives in its comments, the verify block at its end,
// and what forbids running it. Pure but for the grammar that is handed in.
import type { SqlFile } from "./directory.ts";
import type { Comment, Grammar, Node, SyntaxFault } from "./grammar.ts";
import { isConcurrent } from "./index-repair.ts";
import { verifyRefusal } from "./verify.ts";

export interface Statement {
  text: string;
  /** Offset in the file's text. */
  offset: number;
  node: Node;
}

/** `-- greenlight: allow RULE reason`: silences a lint rule for this file. */
export interface Allowance {
  rule: string;
  reason: string;
  line: number;
}

export interface Script {
  file: SqlFile;
  /** False with `-- greenlight: no-transaction`: every statement commits by itself. */
  transactional: boolean;
  /** From `-- greenlight: statement-timeout-seconds N`. */
  statementTimeoutSeconds: number | undefined;
  allowances: Allowance[];
  /** The text before the verify block. */
  body: string;
  statements: Statement[];
  /** What must hold before the file is committed: everything behind the line `-- verify`. */
  verify: Statement[];
  hasVerify: boolean;
  /** True for a repeatable file, which needs none. */
  hasDown: boolean;
  /** The grammar did not understand the file; `statements` and `verify` are empty then. */
  syntax: SyntaxFault | undefined;
  /** Why it cannot be run at all, each with line and fix. */
  refusals: string[];
}

const MENTIONS_DIRECTIVE = /^\s*--[ \t]*(greenlight:|verify[ \t]*\r?$)/m;
const DIRECTIVE = /^--\s*greenlight:\s*(\S*)\s*(.*?)\s*$/;
const VERIFY = /^--\s*verify\s*$/;

export function readScript(
  file: SqlFile & { kind?: "versioned" | "repeatable"; down?: SqlFile },
  grammar: Grammar,
): Script {
  const comments = MENTIONS_DIRECTIVE.test(file.sql) ? commentsOf(file, grammar) : [];
  const verifyAt = comments.find((comment) => VERIFY.test(comment.text))?.start ?? file.sql.length;
  const script: Script = {
    file,
    transactional: file.transactional ?? true,
    statementTimeoutSeconds: undefined,
    allowances: [],
    body: file.sql.slice(0, verifyAt),
    statements: [],
    verify: [],
    hasVerify: verifyAt < file.sql.length,
    hasDown: file.down !== undefined || file.kind === "repeatable",
    syntax: undefined,
    refusals: [],
  };
  for (const comment of comments) readDirective(script, comment);
  // Read apart: the last statement before the block may lack its semicolon.
  const body = readPart(script, 0, verifyAt, grammar);
  const verify = readPart(script, verifyAt, file.sql.length, grammar);
  if (script.syntax) return script;
  script.statements.push(...(file.foreign ? asForeign(script, body) : body));
  script.verify.push(...verify);
  for (const { node, offset } of verify) {
    const refusal = verifyRefusal(node);
    if (refusal) script.refusals.push(`${place(file, offset)}: verify: ${refusal}`);
  }
  if (script.hasVerify && verify.length === 0)
    script.refusals.push(
      `${place(file, verifyAt)}: verify block without a statement; add one or remove the line`,
    );
  return script;
}

function readPart(script: Script, from: number, to: number, grammar: Grammar): Statement[] {
  const sql = script.file.sql.slice(from, to);
  const parsed = grammar.parse(sql);
  if (parsed.fault) {
    script.syntax ??= { ...parsed.fault, offset: from + parsed.fault.offset };
    refuseForeign(script, script.syntax);
    return [];
  }
  const statements = parsed.statements.map(({ node, start, end }) => ({
    text: sql.slice(start, end),
    offset: from + start,
    node,
  }));
  if (!script.file.foreign) for (const statement of statements) refuseStatement(script, statement);
  return statements;
}

/**
 * What other tools do with such a file: its own BEGIN and COMMIT are left out, since the file is a transaction here anyway. A
 * statement that no transaction may hold makes it run statement by statement, and so does a new value of an enumeration that
 * the file's own COMMIT was to make usable.
 */
function asForeign(script: Script, body: Statement[]): Statement[] {
  const own = body.filter(({ node }) => isControl(node, OWN));
  for (const { offset, text } of own) script.body = blanked(script.body, offset, text);
  const statements = body.filter((statement) => !own.includes(statement));
  for (const statement of statements) refuseStatement(script, statement);
  if (statements.some(({ node }) => standsAlone(node) || (own.length > 0 && addsValue(node))))
    script.transactional = false;
  return statements;
}

/** Spaces instead of a statement, so that every other one stays where it was. */
function blanked(sql: string, offset: number, text: string): string {
  return `${sql.slice(0, offset)}${text.replace(/[^\n]/g, " ")}${sql.slice(offset + text.length)}`;
}

/** Whether PostgreSQL refuses it within a transaction. */
function standsAlone(node: Node): boolean {
  return isConcurrent(node) || "VacuumStmt" in node;
}

const OWN = ["TRANS_STMT_BEGIN", "TRANS_STMT_START", "TRANS_STMT_COMMIT"];

function addsValue(node: Node): boolean {
  return "AlterEnumStmt" in node && node.AlterEnumStmt.newVal !== undefined;
}

function isControl(node: Node, kinds: string[]): boolean {
  return "TransactionStmt" in node && kinds.includes(node.TransactionStmt.kind ?? "");
}

function commentsOf(file: SqlFile, grammar: Grammar): Comment[] {
  try {
    return grammar.comments(file.sql);
  } catch {
    // Text that cannot even be cut into tokens; the parser has said where and why.
    return [];
  }
}

function readDirective(script: Script, comment: Comment): void {
  const match = DIRECTIVE.exec(comment.text);
  if (!match) return;
  const [, word, rest = ""] = match;
  const at = place(script.file, comment.start);
  if (word === "no-transaction" && rest === "") script.transactional = false;
  else if (word === "statement-timeout-seconds" && /^[1-9]\d{0,5}$/.test(rest))
    script.statementTimeoutSeconds = Number(rest);
  else if (word === "allow" && /^[a-z][a-z-]*\s+\S/.test(rest)) {
    const [rule = "", ...reason] = rest.split(/\s+/);
    script.allowances.push({ rule, reason: reason.join(" "), line: lineOf(script.file.sql, comment.start) });
  } else
    script.refusals.push(
      `${at}: directive "${comment.text}" is not understood, want no-transaction, statement-timeout-seconds N or allow RULE REASON; correct it`,
    );
}

/** A transaction of the file's own would end the runner's, and with it the promise of all or nothing. */
const CONTROL = new Set([
  "TRANS_STMT_BEGIN",
  "TRANS_STMT_START",
  "TRANS_STMT_COMMIT",
  "TRANS_STMT_ROLLBACK",
  "TRANS_STMT_PREPARE",
  "TRANS_STMT_COMMIT_PREPARED",
  "TRANS_STMT_ROLLBACK_PREPARED",
]);

function refuseStatement(script: Script, statement: Statement): void {
  // Counts lines from the file's start: only for a statement that is refused.
  const at = () => place(script.file, statement.offset);
  if ("TransactionStmt" in statement.node) {
    const { kind } = statement.node.TransactionStmt;
    if (kind && CONTROL.has(kind))
      script.refusals.push(
        script.transactional
          ? `${at()}: "${excerpt(statement.text)}" in a file that runs in a transaction of its own; remove it, or write -- greenlight: no-transaction`
          : `${at()}: "${excerpt(statement.text)}" in a no-transaction file; remove it: each statement commits by itself`,
      );
  }
  if ("CopyStmt" in statement.node) {
    const copy = statement.node.CopyStmt;
    if (!copy.filename && !copy.is_program)
      script.refusals.push(`${at()}: COPY through the client's own stream has no data here; use INSERT`);
  }
}

function refuseForeign(script: Script, fault: SyntaxFault): void {
  const rest = script.file.sql.slice(fault.offset);
  const at = place(script.file, fault.offset);
  const command = /^\\\S+/.exec(rest)?.[0];
  if (command)
    script.refusals.push(
      `${at}: ${command} is a command of psql, not SQL; write what it does in SQL or remove it`,
    );
  else if (/\bcopy\b[^;]*\bfrom\s+stdin\b[^;]*;[^;]*$/i.test(script.file.sql.slice(0, fault.offset)))
    script.refusals.push(`${at}: data of COPY FROM STDIN can only be read by psql; use INSERT`);
}

/** The grammar's fault in the words and with the SQLSTATE of the server. */
export function syntaxMessage({ file, syntax }: Script): string {
  return `${place(file, syntax?.offset ?? 0)}: ${syntax?.message ?? "no fault"} (SQLSTATE 42601)`;
}

/** `file.sql:12:8`, lines and columns from 1. */
export function place(file: SqlFile, offset: number): string {
  const lineStart = file.sql.lastIndexOf("\n", offset - 1) + 1;
  const column = Array.from(file.sql.slice(lineStart, offset)).length + 1;
  return `${file.path}:${lineOf(file.sql, offset)}:${column}`;
}

export function lineOf(sql: string, offset: number): number {
  let line = 1;
  for (let at = sql.indexOf("\n"); at >= 0 && at < offset; at = sql.indexOf("\n", at + 1)) line++;
  return line;
}

/** The statement's beginning on one line; text that may be a password is masked. */
export function excerpt(text: string): string {
  const oneLine = text.replace(/\s+/g, " ").trim();
  const masked = /password/i.test(oneLine)
    ? oneLine.replace(/\$([^$\s]*)\$.*?(\$\1\$|$)|'(?:[^']|'')*'?/g, "'…'")
    : oneLine;
  return masked.length > 100 ? `${masked.slice(0, 99)}…` : masked;
}
