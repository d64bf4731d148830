// What a file of routes gets and throws: the server with zod as its schema language, and the 404.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

export type Server = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** A request for what does not exist, or is another person's. */
export class NotFound extends Error {
  readonly statusCode = 404;
  constructor(kind: string, id: string) {
    super(`${kind} "${id}": not found`);
  }
}

/** The row, or a 404. */
export function requireRow<Row>(rows: readonly Row[], kind: string, id: string): Row {
  const [row] = rows;
  if (row === undefined) throw new NotFound(kind, id);
  return row;
}
