// Who a request is from: a bearer token (JWT, HS256 under JWT_SECRET) with `sub` (the person's id), `role` and `exp`.
import type { FastifyReply, FastifyRequest } from "fastify";
import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";

/** The person behind a request. */
export interface Caller {
  sub: string;
  role: "user" | "operator";
}

declare module "fastify" {
  interface FastifyRequest {
    /** Undefined when the request carries no valid token. */
    caller: Caller | undefined;
  }
  interface FastifyContextConfig {
    /** Answered without a token. Every such route is listed in README.md. */
    public?: boolean;
    /** Answered to operators only. */
    operator?: boolean;
    /** Not counted against the caller's requests a minute. */
    uncounted?: boolean;
  }
}

// `service_role` is for the application itself and can never come in from outside.
const claims = z.object({ sub: z.uuid(), role: z.enum(["user", "operator"]), exp: z.number() });

export function createAuthentication(jwtSecret: string) {
  const key = new TextEncoder().encode(jwtSecret);
  return {
    /** @param lifetimeSeconds from now. */
    async sign(caller: Caller, lifetimeSeconds: number): Promise<string> {
      return await new SignJWT({ role: caller.role })
        .setProtectedHeader({ alg: "HS256" })
        .setSubject(caller.sub)
        .setIssuedAt()
        .setExpirationTime(`${lifetimeSeconds}s`)
        .sign(key);
    },
    /** The caller, or undefined when the header is absent or the token is not valid. */
    async read(header: string | undefined): Promise<Caller | undefined> {
      const token = /^Bearer (\S+)$/.exec(header ?? "")?.[1];
      if (!token) return undefined;
      try {
        const { payload } = await jwtVerify(token, key, { algorithms: ["HS256"] });
        const parsed = claims.safeParse(payload);
        return parsed.success ? { sub: parsed.data.sub, role: parsed.data.role } : undefined;
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}

/** @throws when a handler of a protected route is reached without a caller: a fault of the server. */
export function requireCaller(request: FastifyRequest): Caller {
  if (!request.caller) throw new Error(`route "${request.routeOptions.url}": reached without a caller`);
  return request.caller;
}

/** Refuses with 401 without a valid token and with 403 without the role. */
export async function refuseStrangers(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { config } = request.routeOptions;
  if (config.public) return;
  if (!request.caller) {
    await reply
      .code(401)
      .header("www-authenticate", "Bearer")
      .send({ error: "a valid bearer token is required" });
  } else if (config.operator && request.caller.role !== "operator") {
    await reply.code(403).send({ error: "operators only" });
  }
}
