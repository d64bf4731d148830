// What a file of routes gets: the server with zod as its schema language, and the running parts of the application.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { Processor } from "../queue/processor.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { System } from "../system.ts";

export type Server = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** The application while it runs. */
export interface Application {
  system: System;
  processor: Processor;
  scheduler: Scheduler;
}

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
