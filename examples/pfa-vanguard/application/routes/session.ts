// Logging in, and the people who may. The first operator is made with a token signed by hand; see README.md.
import { z } from "zod";
import { createAuthentication, requireCaller } from "../../../parts/authentication.ts";
import { service } from "../../../parts/database.ts";
import { hashPassword, matchesPassword } from "../../../parts/passwords.ts";
import { requireRow, type Server } from "../../../parts/routes.ts";
import type { System } from "../opening.ts";

const lifetimeSeconds = 8 * 3_600;
const email = z.email().max(254).toLowerCase();

interface Person {
  id: string;
  role: "user" | "operator";
  password_scrypt: string;
}

export async function sessionRoutes(server: Server, { database, settings, faults }: System): Promise<void> {
  const authentication = createAuthentication(settings.jwtSecret);
  // Compared with when nobody has the address, so that the time of an answer does not tell who exists.
  const nobody = await hashPassword("nobody has this password");
  const tags = ["session"];

  server.post(
    "/api/session",
    {
      schema: { tags, security: [], body: z.strictObject({ email, password: z.string().min(1).max(200) }) },
      config: { public: true },
    },
    async (request, reply) => {
      const text = "SELECT id, role, password_scrypt FROM users WHERE email = $1";
      const [person] = await database.query<Person>(service, text, [request.body.email]);
      const matches = await matchesPassword(request.body.password, person?.password_scrypt ?? nobody);
      if (!person || !matches || faults.has("login"))
        return reply.code(401).send({ error: "wrong address or password" });
      const token = await authentication.sign({ sub: person.id, role: person.role }, lifetimeSeconds);
      return { token, expires_in: lifetimeSeconds };
    },
  );

  server.get("/api/me", { schema: { tags } }, (request) => {
    const { sub, role } = requireCaller(request);
    return { id: sub, role };
  });

  const newPerson = z.strictObject({
    email,
    password: z.string().min(12).max(200),
    name: z.string().min(1).max(120),
    role: z.enum(["user", "operator"]).default("user"),
  });
  server.post(
    "/api/users",
    { schema: { tags, body: newPerson }, config: { operator: true } },
    async ({ body }, reply) => {
      const [person] = await database.query(
        service,
        `INSERT INTO users (email, name, role, password_scrypt) VALUES ($1, $2, $3, $4)
         ON CONFLICT (email) DO NOTHING RETURNING id, email, name, role`,
        [body.email, body.name, body.role, await hashPassword(body.password)],
      );
      if (!person) return reply.code(409).send({ error: "the address is taken" });
      return reply.code(201).send(person);
    },
  );

  const params = z.strictObject({ id: z.uuid() });
  server.delete(
    "/api/users/:id",
    { schema: { tags, params }, config: { operator: true } },
    async (request, reply) => {
      const { id } = request.params;
      requireRow(
        await database.query(service, "DELETE FROM users WHERE id = $1 RETURNING id", [id]),
        "user",
        id,
      );
      return reply.code(204).send();
    },
  );
}
