// One HTTP exchange as a check needs it: redirects are answers, the Host header can be set, the time is measured, the
// body is limited, and a connection is never shared with an earlier exchange unless an agent is given.
import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { exactJsonOf } from "../json-of.ts";
import type { Answer } from "./expectation.ts";

const LARGEST_BODY_BYTES = 64 * 1024 * 1024;

export interface HttpRequest {
  url: string;
  method?: string;
  headers?: { [name: string]: string };
  body?: string | Buffer;
  timeoutSeconds: number;
  signal: AbortSignal;
}

/** An HTTP answer; header names in lower case, repeated ones joined with a comma. */
export interface HttpAnswer extends Answer {
  status: number;
  headers: { [name: string]: string };
  text: string;
  bytes: Buffer;
}

/** Sends and reads the whole answer. @throws when there is no complete answer in time; the message names method and address */
export async function exchange(wanted: HttpRequest): Promise<HttpAnswer> {
  const method = wanted.method ?? "GET";
  const url = new URL(wanted.url);
  const late = AbortSignal.timeout(wanted.timeoutSeconds * 1000);
  const started = performance.now();
  try {
    const message = await send(method, url, wanted, AbortSignal.any([late, wanted.signal]));
    const bytes = await bodyOf(message);
    const text = bytes.toString("utf8");
    return {
      status: message.statusCode ?? 0,
      headers: headersOf(message),
      bytes,
      text,
      json: exactJsonOf(text),
      milliseconds: performance.now() - started,
    };
  } catch (error) {
    if (wanted.signal.aborted) throw wanted.signal.reason;
    const cause = late.aborted ? `no answer within ${wanted.timeoutSeconds} s` : reasonOf(error);
    throw new Error(`${method} ${url.origin}${url.pathname}: ${cause}`);
  }
}

/** The same, with "no answer" as a value: for probes that count failures. */
export async function attempt(wanted: HttpRequest): Promise<HttpAnswer | { error: string }> {
  try {
    return await exchange(wanted);
  } catch (error) {
    if (wanted.signal.aborted) throw wanted.signal.reason;
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function send(method: string, url: URL, wanted: HttpRequest, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const start = url.protocol === "https:" ? tlsRequest : plainRequest;
    const headers = { "user-agent": "greenlight", ...wanted.headers };
    const outgoing = start(url, { method, headers, signal, agent: false }, resolve);
    outgoing.on("error", reject);
    outgoing.end(wanted.body);
  });
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes: Buffer = chunk;
    size += bytes.length;
    if (size > LARGEST_BODY_BYTES) throw new Error(`answer is larger than ${LARGEST_BODY_BYTES} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function headersOf(message: IncomingMessage): { [name: string]: string } {
  return Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(", ");
  if (!(error instanceof Error)) return String(error);
  return error.message || error.name;
}
