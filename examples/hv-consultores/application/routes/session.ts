// Logging in, and the people who may. The first operator is made with a token signed by hand; see README.md.
import { z } from "zod";
import { createAuthentication } from "../../../parts/authentication.ts";
import { service } from "../../../parts/database.ts";
import { hashPassword, matchesPassword } from "../../../parts/passwords.ts";
import { requireRow, type Server } from "../../../parts/routes.ts";
import type { Application } from "./application.ts";

const lifetimeSeconds = 8 * 3_600;
const email = z.email().max(254).toLowerCase();
const password = z.string().min(12).max(200);

interface Person {
  id: string;
  rol: "user" | "operator";
  contrasena_scrypt: string;
}

export async function sessionRoutes(server: Server, { system }: Application): Promise<void> {
  const { database, settings } = system;
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
      const text = "SELECT id, rol, contrasena_scrypt FROM usuarios WHERE email = $1";
      const [person] = await database.query<Person>(service, text, [request.body.email]);
      const matches = await matchesPassword(request.body.password, person?.contrasena_scrypt ?? nobody);
      if (!person || !matches) return reply.code(401).send({ error: "wrong address or password" });
      const token = await authentication.sign({ sub: person.id, role: person.rol }, lifetimeSeconds);
      return { token, expires_in: lifetimeSeconds };
    },
  );

  const newPerson = z.strictObject({
    email,
    password,
    nombre: z.string().min(1).max(120),
    rol: z.enum(["user", "operator"]).default("user"),
  });
  server.post(
    "/api/users",
    { schema: { tags, body: newPerson }, config: { operator: true } },
    async (request, reply) => {
      const { body } = request;
      const rows = await database.query<{ id: string }>(
        service,
        `INSERT INTO usuarios (email, nombre, rol, contrasena_scrypt) VALUES ($1, $2, $3, $4)
         ON CONFLICT (email) DO NOTHING RETURNING id, email, nombre, rol`,
        [body.email, body.nombre, body.rol, await hashPassword(body.password)],
      );
      const [person] = rows;
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
      const text = "DELETE FROM usuarios WHERE id = $1 RETURNING id";
      requireRow(await database.query<{ id: string }>(service, text, [id]), "user", id);
      return reply.code(204).send();
    },
  );
}
