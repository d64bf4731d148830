// Tries values out: does the password open a session, does the application accept a token that was signed with the key?
import { randomUUID } from "node:crypto";
import { configOf } from "../database.ts";
import { exchange } from "../http/request.ts";
import type { SecretsInputs } from "../secrets.ts";
import { past429 } from "../security/client.ts";
import { messageOf } from "../step/message.ts";

/** What came of a trial, in words without the value. */
export interface Trial {
  outcome: "accepted" | "refused" | "unclear";
  seen: string;
}

/** PostgreSQL's codes for a wrong password and for a user who may not log in. */
const REFUSALS = ["28P01", "28000"];
/** Its function that lets nobody in whom no line of pg_hba.conf names, e.g. without TLS: the password may be the right one. */
const UNNAMED = "ClientAuthentication";

/** Opens a session with the address and asks who it is. */
export async function tryDatabase(address: string, caFile: string | undefined): Promise<Trial> {
  const { Client } = await import("pg");
  // As a placeholder is, which a secret is often made with; the address itself is in no message.
  if (!/^postgres(ql)?:/.test(address) || !URL.canParse(address))
    return { outcome: "unclear", seen: "no postgresql:// address, so it was not tried" };
  const url = new URL(address);
  if (caFile !== undefined && !url.searchParams.has("sslrootcert"))
    url.searchParams.set("sslrootcert", caFile);
  const config = await configOf(url.href, process.env).catch(messageOf);
  if (typeof config === "string") return { outcome: "unclear", seen: `not tried: ${config}` };
  const client = new Client({
    ...config,
    application_name: "greenlight/secrets",
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string }>("select current_user as name");
    return { outcome: "accepted", seen: `a session as ${rows[0]?.name}` };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const isUnnamed = error instanceof Error && "routine" in error && error.routine === UNNAMED;
    if (REFUSALS.includes(code) && !isUnnamed) return { outcome: "refused", seen: `refused (${code})` };
    return {
      outcome: "unclear",
      seen: `no answer that says anything about the password (${code || "no code"})`,
    };
  } finally {
    await client.end().catch(() => {});
  }
}

/** Asks with a fresh token of a person of its own. */
export async function tryToken(
  key: string,
  { url, algorithm, claims }: NonNullable<SecretsInputs["token"]>,
  signal: AbortSignal,
): Promise<Trial> {
  const { SignJWT } = await import("jose");
  const token = await new SignJWT({ ...claims, sub: randomUUID() })
    .setProtectedHeader({ alg: algorithm })
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(new TextEncoder().encode(key));
  const headers = { authorization: `Bearer ${token}` };
  const ask = () => exchange({ url, method: "GET", headers, timeoutSeconds: 15, signal });
  const answer = await past429(ask, signal).catch(messageOf);
  if (typeof answer === "string") return { outcome: "unclear", seen: `no answer: ${answer}` };
  const { status } = answer;
  const seen = `status ${status}`;
  if (status >= 200 && status < 300) return { outcome: "accepted", seen };
  return { outcome: status === 401 ? "refused" : "unclear", seen };
}
