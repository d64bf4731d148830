// What an operator reads when a verb fails, and what the engine keeps then. No secret passes.

import type { ResourceHandler } from "./handler.ts";
import { typeOf } from "./urn.ts";

type Values = Record<string, unknown>;

/** How failures name a resource. */
export function subjectOf(urn: string, id: string): string {
  return `${typeOf(urn)} "${id}"`;
}

/** Runs one verb; a failure names its subject. */
export async function naming<T>(subject: string, secrets: string[], verb: () => Promise<T>): Promise<T> {
  try {
    return await verb();
  } catch (cause) {
    throw explained(subject, secrets, cause);
  }
}

/** A failure after the resource came to exist: id and properties keep it in state, so that the next run repairs it. */
export function partlyDone(failure: Error, id: string, properties: Values): Error {
  return Object.assign(failure, { id, properties, reasons: [failure.message] });
}

/**
 * The engine sees nothing but the message: it names the subject and the service's own error code, in one line.
 * @param secrets values that a service may have repeated in its answer
 */
export function explained(subject: string, secrets: string[], cause: unknown): Error {
  const { name, message, code } = errorFacts(cause);
  const kind = code ?? (/^(Aggregate)?Error$/i.test(name) ? undefined : name);
  const words = [kind, message.replaceAll(/\s+/g, " ")].filter(Boolean).join(": ");
  const told = secrets.reduce((text, secret) => text.replaceAll(secret, "[secret]"), words);
  const next = code === "ECONNREFUSED" ? "; start the services with: npx greenlight local start" : "";
  return new Error(`${subject}: ${told}${next}`);
}

export function secretsOf<Session>(handler: ResourceHandler<Session>, ...known: Values[]): string[] {
  const properties = Object.entries({ ...handler.inputs, ...handler.outputs });
  const names = properties.filter(([, { secret }]) => secret).map(([name]) => name);
  const values = known.flatMap((one) => names.map((name) => one[name]));
  return values.filter((value) => typeof value === "string" && value.length > 3).map(String);
}

function errorFacts(cause: unknown): { name: string; message: string; code?: string } {
  if (!(cause instanceof Error)) return { name: "Error", message: String(cause) };
  const { name, message } = cause;
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
  return code === undefined ? { name, message } : { name, message, code };
}
