// Nobody is told of a registration before it is committed.
import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout } from "node:timers/promises";
import fastify from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { sessionRoutes } from "../application/routes/session.ts";
import type { System } from "../application/system.ts";

const person = { email: "ana@example.org", password: "a long password", name: "Ana", region: "north" };

for (const [rows, status] of [
  [[{ id: "5e040000-0000-4000-8000-000000000001" }], 201],
  [[], 409],
] as const)
  it(`answers ${status} after the commit`, async () => {
    const events: string[] = [];
    // A commit that takes its time; it is the order that is looked at.
    const transaction = async (_: unknown, work: (inner: object) => Promise<unknown>) => {
      const result = await work({ query: () => Promise.resolve(rows) });
      await setTimeout(50);
      events.push("committed");
      return result;
    };
    const server = fastify().withTypeProvider<ZodTypeProvider>();
    server.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
    server.addHook("onSend", async () => void events.push("answered"));
    const system = { database: { transaction }, settings: { jwtSecret: "a secret of a test, long enough" } };
    sessionRoutes(server, { ...system, faults: new Set() } as unknown as System);
    const answer = await server.inject({ method: "POST", url: "/api/v1/auth/register", payload: person });
    assert.equal(answer.statusCode, status);
    assert.deepEqual(events, ["committed", "answered"]);
    await server.close();
  });
