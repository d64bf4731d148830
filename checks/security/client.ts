// Requests to the application under test, as nobody, as somebody, or as a forger.
import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { exchange, type HttpAnswer } from "../http/request.ts";
import type { SecurityInputs } from "../security.ts";

export interface Client {
  send(path: string, request?: Sent): Promise<HttpAnswer>;
  /** Headers of a new person, counted apart from all others. @throws when the step has no token */
  somebody(): Promise<{ authorization: string }>;
  /** The same claims, signed with another key. */
  forger(): Promise<{ authorization: string }>;
}

export interface Sent {
  method?: string;
  headers?: { [name: string]: string };
  body?: string;
}

export function createClient(given: SecurityInputs, signal: AbortSignal): Client {
  const once = (path: string, { method = "GET", headers, body }: Sent = {}) =>
    exchange({
      url: new URL(path, given.baseUrl).href,
      method,
      headers: { ...given.requestHeaders, ...headers },
      body,
      timeoutSeconds: 15,
      signal,
    });
  return {
    send: once,
    somebody: () => bearer(given, given.token?.secret),
    forger: () => bearer(given, randomBytes(48).toString("base64url")),
  };
}

/** Waits and asks again where strangers share a limit that is used up: 429 says nothing about what comes behind it. */
export async function past429(
  send: () => Promise<HttpAnswer>,
  signal: AbortSignal,
  longestSeconds = 90,
): Promise<HttpAnswer> {
  const answer = await send();
  if (answer.status !== 429) return answer;
  const seconds = Math.min(Number(answer.headers["retry-after"] ?? 60) || 60, longestSeconds);
  await pause(seconds * 1000, undefined, { signal });
  return send();
}

async function bearer(given: SecurityInputs, key: string | undefined): Promise<{ authorization: string }> {
  if (!given.token || key === undefined)
    throw new Error("token: not given, needed for requests with a token");
  const { SignJWT } = await import("jose");
  const token = await new SignJWT({ ...given.token.claims, sub: randomUUID() })
    .setProtectedHeader({ alg: given.token.algorithm })
    .setIssuedAt()
    .setExpirationTime("10m")
    .sign(new TextEncoder().encode(key));
  return { authorization: `Bearer ${token}` };
}
