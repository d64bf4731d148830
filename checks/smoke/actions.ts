// What a step of a journey can do: an HTTP request, a query, a Redis command, a look at the message sink.
import { createHmac } from "node:crypto";
import { withDatabase } from "../database.ts";
import type { Answer } from "../http/expectation.ts";
import { exchange } from "../http/request.ts";
import { openRedis } from "../redis-client.ts";
import type { JourneyStep, TokenSpec } from "./journey.ts";
import type { Perform } from "./run.ts";

export interface Surroundings {
  baseUrl: string;
  /** Signed tokens by name. */
  tokens: { [name: string]: string };
  secrets: { [name: string]: string };
  databaseUrl?: string | undefined;
  redisUrl?: string | undefined;
  redisCaFile?: string | undefined;
  sinkUrl?: string | undefined;
}

/** How the steps of journeys are performed in these surroundings. */
export function performer(around: Surroundings): Perform {
  return async (step, signal) => {
    const started = performance.now();
    const timed = (json: unknown): Answer => ({ json, milliseconds: performance.now() - started });
    if (step.request) return send(step.request, around, signal);
    if (step.sql) return timed(await query(step.sql, around, signal));
    if (step.redis) return timed({ reply: await command(step.redis.command, around, signal) });
    return timed(await received(step, around, signal));
  };
}

/** A signed token for `authorization: Bearer`. */
export async function signToken(spec: TokenSpec, secret: string): Promise<string> {
  const { SignJWT } = await import("jose");
  return new SignJWT(spec.claims)
    .setProtectedHeader({ alg: spec.algorithm })
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + spec.expiresInSeconds)
    .sign(new TextEncoder().encode(secret));
}

async function send(
  request: NonNullable<JourneyStep["request"]>,
  around: Surroundings,
  signal: AbortSignal,
): Promise<Answer> {
  const token = request.token === undefined ? undefined : around.tokens[request.token];
  const body = request.rawBody ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  return exchange({
    url: new URL(request.path, around.baseUrl).href,
    method: request.method,
    headers: {
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...signed(request, around.secrets),
      ...request.headers,
    },
    body,
    timeoutSeconds: request.timeoutSeconds,
    signal,
  });
}

function signed(
  { signature, rawBody = "" }: NonNullable<JourneyStep["request"]>,
  secrets: { [name: string]: string },
): { [name: string]: string } {
  if (signature === undefined) return {};
  const { header, secret, prefix } = signature;
  return {
    [header]:
      prefix +
      createHmac("sha256", secrets[secret] ?? "")
        .update(rawBody)
        .digest("hex"),
  };
}

/** In a session of its own: one that was lost, or could not be had, is none of the next look's. */
async function query(
  sql: NonNullable<JourneyStep["sql"]>,
  { databaseUrl = "" }: Surroundings,
  signal: AbortSignal,
): Promise<unknown> {
  const result = await withDatabase(databaseUrl, { application: "smoke", signal }, (client) =>
    client.query(sql.query, sql.parameters),
  );
  // As JSON, so that paths and comparisons see dates and decimals as text.
  return JSON.parse(JSON.stringify({ rows: result.rows, count: result.rowCount ?? 0 }));
}

async function command(
  words: string[],
  { redisUrl = "", redisCaFile }: Surroundings,
  signal: AbortSignal,
): Promise<unknown> {
  const session = await openRedis(redisUrl, { caFile: redisCaFile, signal });
  return session.send(words).finally(() => session.close());
}

async function received(step: JourneyStep, around: Surroundings, signal: AbortSignal): Promise<unknown> {
  const url = new URL("/messages", around.sinkUrl);
  url.searchParams.set("kind", step.sink?.kind ?? "");
  url.searchParams.set("contains", step.sink?.contains ?? "");
  const answer = await exchange({ url: url.href, timeoutSeconds: 5, signal });
  if (answer.status !== 200 || !Array.isArray(answer.json))
    throw new Error(`sink: status ${answer.status}, want 200 with a list of messages`);
  return { messages: answer.json, count: answer.json.length };
}
