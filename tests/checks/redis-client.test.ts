// Servers that never say a word, or not in time.
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { openRedis } from "../../checks/redis-client.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";

it("ends what waits for an answer with its signal, and the session", async () => {
  const { GREENLIGHT_REDIS_URL = "", GREENLIGHT_CA_FILE: caFile } = servicesEnvironment(
    await sharedServices(),
  );
  const stop = new AbortController();
  const session = await openRedis(GREENLIGHT_REDIS_URL, { caFile, signal: stop.signal });
  const waiting = session.send(["BLPOP", "greenlight:nobody-fills-this", "0"]);
  stop.abort(new Error("the step's time is over"));
  await expect(waiting).rejects.toThrow("the step's time is over");
  expect(session.isOpen).toBe(false);
  session.close();
  const late = openRedis(GREENLIGHT_REDIS_URL, { caFile, signal: stop.signal });
  await expect(late).rejects.toThrow("the step's time is over");
});

it("gives up a server that does not answer, and its connection", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port, want one");
  const connected = once(server, "connection") as Promise<[Socket]>;
  const session = openRedis(`redis://127.0.0.1:${address.port}`, {
    connectSeconds: 0.3,
    signal: new AbortController().signal,
  });
  await expect(session).rejects.toThrow("redis: no answer within 0.3 s, want a greeting");
  const [socket] = await connected;
  socket.resume();
  if (!socket.closed) await once(socket, "close");
  expect(socket.closed).toBe(true);
});
