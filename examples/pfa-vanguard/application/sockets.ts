// WebSocket connections at /ws: told of every sync that ends, and counted. Who connects shows a token as for the API, as the
// protocol's only header that a browser can set: `Sec-WebSocket-Protocol: bearer, TOKEN`.
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { createAuthentication } from "../../parts/authentication.ts";
import { service } from "../../parts/database.ts";
import { startLoop } from "../../parts/loop.ts";
import type { System } from "./opening.ts";

export interface Sockets {
  /** How many are open. */
  count(): number;
  listen(server: Server): void;
  close(): void;
}

const everyMilliseconds = 1_000;

export function openSockets({ settings, database, log, faults }: System): Sockets {
  const authentication = createAuthentication(settings.jwtSecret);
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "bearer" });
  let told = new Date();
  const telling = startLoop(
    everyMilliseconds,
    async () => {
      if (sockets.clients.size === 0) {
        told = new Date();
        return;
      }
      const ended = await database.query<{ id: string; status: string; completed_at: Date }>(
        service,
        "SELECT id, record_id, status, completed_at FROM pfa_write_queue WHERE completed_at > $1 ORDER BY completed_at",
        [told],
      );
      told = ended.at(-1)?.completed_at ?? told;
      for (const one of ended)
        for (const client of sockets.clients) client.send(JSON.stringify({ event: "sync.ended", ...one }));
    },
    (error) => log.component("sockets").error("Telling failed", { error: String(error) }),
  );

  let closing = false;

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const [scheme, token] = (request.headers["sec-websocket-protocol"] ?? "").split(/,\s*/);
    const caller = scheme === "bearer" ? await authentication.read(`Bearer ${token}`) : undefined;
    const open = new URL(request.url ?? "/", "http://local").pathname === "/ws" && caller !== undefined;
    if (!open || faults.has("websocket-closed")) {
      socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n");
      return;
    }
    // It would stay for as long as its client likes, and the server would wait for it.
    if (closing) {
      socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on("error", () => client.terminate());
      client.send(JSON.stringify({ event: "welcome" }));
    });
  }

  return {
    count: () => sockets.clients.size,
    listen(server) {
      server.on("upgrade", (request, socket, head) => {
        upgrade(request, socket, head).catch(() => socket.destroy());
      });
    },
    close() {
      closing = true;
      telling.stop().catch(() => {}); // its last round was told already
      for (const client of sockets.clients) client.terminate();
    },
  };
}
