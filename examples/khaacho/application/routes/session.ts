// Registration and login.
import { z } from "zod";
import { createAuthentication } from "../../../parts/authentication.ts";
import { service } from "../../../parts/database.ts";
import { hashPassword, matchesPassword } from "../../../parts/passwords.ts";
import type { Server } from "../../../parts/routes.ts";
import type { System } from "../system.ts";

const tags = ["session"];
const LIFETIME_SECONDS = 3_600;
const password = z.string().min(12).max(200);
// A hash that nothing matches: an unknown address takes as long as a wrong password.
const nobody = await hashPassword("nobody has this password");

export function sessionRoutes(server: Server, { database, settings, faults }: System): void {
  const authentication = createAuthentication(settings.jwtSecret);
  const open = { config: { public: true } };

  server.post(
    "/api/v1/auth/register",
    {
      schema: {
        tags,
        security: [],
        body: z.strictObject({
          email: z.email().max(200).toLowerCase(),
          password,
          name: z.string().min(1).max(200),
          region: z.string().min(1).max(50),
        }),
      },
      ...open,
    },
    async ({ body }, reply) => {
      if (faults.has("register")) return reply.code(201).send({ id: "00000000-0000-4000-8000-000000000000" });
      const hash = await hashPassword(body.password);
      const made = await database.transaction(service, async (inner) => {
        const [user] = await inner.query<{ id: string }>(
          `INSERT INTO users (email, password_hash, name, region) VALUES ($1, $2, $3, $4)
           ON CONFLICT (email) DO NOTHING RETURNING id`,
          [body.email, hash, body.name, body.region],
        );
        if (user) await inner.query("INSERT INTO accounts (user_id) VALUES ($1)", [user.id]);
        return user;
      });
      // Only now is it there for others: who was told of it earlier could ask for it too early.
      if (!made) return reply.code(409).send({ error: "this address is registered" });
      return reply.code(201).send({ id: made.id });
    },
  );

  server.post(
    "/api/v1/auth/login",
    {
      schema: {
        tags,
        security: [],
        body: z.strictObject({ email: z.email().max(200).toLowerCase(), password }),
      },
      ...open,
    },
    async ({ body }, reply) => {
      const text = "SELECT id, role, password_hash FROM users WHERE email = $1";
      const [user] = await database.query<{ id: string; role: "user" | "operator"; password_hash: string }>(
        service,
        text,
        [body.email],
      );
      const right = await matchesPassword(body.password, user?.password_hash ?? nobody);
      if (!user || !(right || faults.has("login-any")))
        return reply.code(401).send({ error: "address or password is wrong" });
      return { token: await authentication.sign({ sub: user.id, role: user.role }, LIFETIME_SECONDS) };
    },
  );
}
