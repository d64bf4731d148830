// A server that takes the connection and never says a word.
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { openRedis } from "../../checks/redis-client.ts";

it("gives up a server that does not answer, and its connection", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port, want one");
  const connected = once(server, "connection") as Promise<[Socket]>;
  const session = openRedis(`redis://127.0.0.1:${address.port}`, { connectSeconds: 0.3 });
  await expect(session).rejects.toThrow("redis: no answer within 0.3 s, want a greeting");
  const [socket] = await connected;
  socket.resume();
  if (!socket.closed) await once(socket, "close");
  expect(socket.closed).toBe(true);
});
