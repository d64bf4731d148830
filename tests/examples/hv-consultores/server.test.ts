// The server that all applications have, when it is told to stop: whoever it let in is answered, and nobody holds it up.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer as createPlainServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { createAuthentication } from "../../../examples/parts/authentication.ts";
import { finishConnections } from "../../../examples/parts/closing.ts";
import { createBaseMetrics } from "../../../examples/parts/metrics.ts";
import type { Server } from "../../../examples/parts/routes.ts";
import { createServer, type ServerParts } from "../../../examples/parts/server.ts";
import type { System } from "../../../examples/pfa-vanguard/application/opening.ts";
import { openSockets } from "../../../examples/pfa-vanguard/application/sockets.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function listening(addRoutes: (server: Server) => void = () => {}): Promise<Server> {
  const settings = {
    appUrl: "https://example.org",
    jwtSecret: "k".repeat(32),
    requestsPerMinute: undefined,
  };
  const parts = {
    faults: new Set(),
    log: { component: () => silent },
    metrics: createBaseMetrics("test", "."),
    title: "Test",
    apiVersion: "1",
    settings,
  };
  const server = await createServer(parts as unknown as ServerParts, (open) => {
    open.get("/slow", { config: { public: true } }, async () => {
      await pause(1_500);
      return { slow: true };
    });
    open.get("/quick", { config: { public: true } }, () => ({ quick: true }));
    addRoutes(open);
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  return server;
}

/** A connection that the server has accepted, with all that comes in on it. */
async function connectedTo(server: HttpServer): Promise<{ socket: Socket; answer(): Promise<string> }> {
  const accepted = once(server, "connection");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  sockets.push(socket);
  let text = "";
  socket.on("data", (bytes) => {
    text += bytes;
  });
  const ended = once(socket, "close").catch((error: Error) => {
    text += error.message;
  });
  await accepted;
  return {
    socket,
    async answer() {
      await ended;
      return text;
    },
  };
}

const request = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;

describe("a server that closes", () => {
  it("answers the requests of connections that it had accepted, also those not sent yet", async () => {
    const server = await listening();
    const [first, used, busy] = [
      await connectedTo(server.server),
      await connectedTo(server.server),
      await connectedTo(server.server),
    ];
    used.socket.write(request("/quick"));
    await once(used.socket, "data");
    busy.socket.write(request("/slow"));
    await once(server.server, "request");
    const closed = server.close();
    await pause(100);
    first.socket.write(request("/quick"));
    used.socket.write(request("/quick"));
    const answers = await Promise.all([first.answer(), used.answer(), busy.answer()]);
    await closed;
    expect(answers[0]).toMatch(/^HTTP\/1.1 200 [\s\S]*connection: close[\s\S]*"quick":true/i);
    expect(answers[1]?.match(/HTTP\/1.1 200 /g)).toHaveLength(2);
    expect(answers[2]).toMatch(/^HTTP\/1.1 200 [\s\S]*"slow":true/);
  });

  it("accepts no connection any more, at once", async () => {
    const server = await listening();
    const { port } = server.server.address() as AddressInfo;
    await connectedTo(server.server);
    const closed = server.close();
    await pause(20);
    await expect(fetch(`http://127.0.0.1:${port}/quick`)).rejects.toThrow();
    await closed;
  });

  it("is not held up by connections on which nothing comes", async () => {
    const server = await listening();
    const idle = await connectedTo(server.server);
    const started = performance.now();
    await server.close();
    expect(performance.now() - started).toBeLessThan(2_500);
    expect(await idle.answer()).toBe("");
  });

  it("closes at once where nobody is connected", async () => {
    const server = await listening();
    const started = performance.now();
    await server.close();
    expect(performance.now() - started).toBeLessThan(400);
  });

  it("closes also when it never listened", async () => {
    const server = createPlainServer();
    await finishConnections(server);
    expect(server.listening).toBe(false);
  });

  it("cuts off at its limit who sends half a request", async () => {
    const server = createPlainServer((_request, response) => response.end());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const half = await connectedTo(server);
    half.socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-le");
    const started = performance.now();
    await finishConnections(server, { momentMilliseconds: 50, longestMilliseconds: 300 });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it("is not held up by a WebSocket that is asked for meanwhile", async () => {
    const server = createPlainServer();
    await once(server.listen(0, "127.0.0.1"), "listening");
    const jwtSecret = "k".repeat(32);
    const token = await createAuthentication(jwtSecret).sign({ sub: randomUUID(), role: "user" }, 60);
    const log = { component: () => silent };
    const system = { settings: { jwtSecret }, log, faults: new Set(), database: { query: async () => [] } };
    const open = openSockets(system as unknown as System);
    open.listen(server);
    const late = await connectedTo(server);
    open.close();
    const closed = finishConnections(server);
    late.socket.write(
      `GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: bearer, ${token}\r\n\r\n`,
    );
    await closed;
    expect(await late.answer()).toMatch(/^HTTP\/1.1 503 /);
  });
});

describe("a route that the description leaves out", () => {
  const hidden = { schema: { hide: true }, config: { public: true } };

  it.each([
    ["GET /api/export", (server: Server) => server.get("/api/export", hidden, () => "everything")],
    ["GET /steps", (server: Server) => server.get("/steps", hidden, () => "everything")],
    ["POST /app", (server: Server) => server.post("/app", hidden, () => "done")],
  ])("is refused as %s, which no look at every route would find", async (name, addRoutes) => {
    await expect(listening(addRoutes)).rejects.toThrow(
      `route "${name}": hidden, want it in /api/openapi.json`,
    );
  });

  it("may be a page", async () => {
    const server = await listening((open) => open.get("/app", hidden, () => "page"));
    expect((await server.inject("/app")).body).toBe("page");
    await server.close();
  });
});
