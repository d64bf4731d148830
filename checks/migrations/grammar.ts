// The server's own grammar (libpg_query, compiled to WebAssembly). Loaded only when there is SQL to read: 25 ms.
import type { Node } from "libpg-query";

export type { Node } from "libpg-query";

/** The major version of PostgreSQL whose grammar this is: a newer server may accept what this one refuses. */
export const GRAMMAR_VERSION = 18;

export interface ParsedStatement {
  node: Node;
  /** Offsets in UTF-16 units; `end` is behind the last character, without the semicolon. */
  start: number;
  end: number;
}

export interface SyntaxFault {
  message: string;
  /** Offset in UTF-16 units. */
  offset: number;
}

export interface Comment {
  text: string;
  start: number;
  end: number;
}

export interface Grammar {
  parse(sql: string): { statements: ParsedStatement[]; fault?: undefined } | { fault: SyntaxFault };
  /** Real comments only, not what looks like one within a string or a function body. */
  comments(sql: string): Comment[];
}

export async function loadGrammar(): Promise<Grammar> {
  const { hasSqlDetails, loadModule, parseSync, scanSync } = await import("libpg-query");
  await loadModule();
  return {
    parse(sql) {
      // The parser refuses an empty text, which is a valid file: it does nothing.
      if (sql.trim() === "") return { statements: [] };
      const at = offsetsOf(sql);
      try {
        const statements = (parseSync(sql).stmts ?? []).flatMap(({ stmt, stmt_location, stmt_len }) => {
          const start = stmt_location ?? 0;
          if (!stmt) return [];
          return [{ node: stmt, start: at(start), end: stmt_len ? at(start + stmt_len) : sql.length }];
        });
        return { statements };
      } catch (error) {
        if (!hasSqlDetails(error) || !error.sqlDetails) throw error;
        const { message, cursorPosition } = error.sqlDetails;
        return { fault: { message, offset: codePointOffset(sql, Math.max(0, cursorPosition)) } };
      }
    },
    comments(sql) {
      const at = offsetsOf(sql);
      return scanSync(sql)
        .tokens.filter((token) => token.tokenName === "SQL_COMMENT" || token.tokenName === "C_COMMENT")
        .map(({ text, start, end }) => ({ text, start: at(start), end: at(end) }));
    },
  };
}

/** The grammar counts bytes of UTF-8. */
export function offsetsOf(sql: string): (byte: number) => number {
  const bytes = Buffer.from(sql);
  if (bytes.length === sql.length) return (byte) => byte;
  // Asked in ascending order nearly always: counted on from the last answer.
  let [at, offset] = [0, 0];
  return (byte) => {
    if (byte < at) [at, offset] = [0, 0];
    offset += bytes.toString("utf8", at, byte).length;
    at = byte;
    return offset;
  };
}

/** The server, and the grammar in its errors, count characters, of which some are two UTF-16 units. */
export function codePointOffset(text: string, characters: number): number {
  let offset = 0;
  for (let seen = 0; seen < characters && offset < text.length; seen++)
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  return offset;
}
