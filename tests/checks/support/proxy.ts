// A TCP proxy on this machine between a check and the server: counts turns of the network, and can cut the connection.
import { once } from "node:events";
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface Proxy {
  /** Data from the client after data from the server begins a new turn. */
  counter: { turns: number };
  /** The address with the proxy's port. */
  url: string;
  /** Ends every connection at once, as a network does that is gone. */
  cut(): void;
}

/** Before the server of this address; closed when the test ends. */
export async function proxyBefore(address: string): Promise<Proxy> {
  const url = new URL(address);
  const port = Number(url.port);
  const counter = { turns: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = dial(port, "127.0.0.1");
    let answered = true;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    near.on("data", (data) => {
      if (answered) counter.turns++;
      answered = false;
      far.write(data);
    });
    far.on("data", (data) => {
      answered = true;
      near.write(data);
    });
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  url.port = String((server.address() as AddressInfo).port);
  return { counter, url: url.href, cut };
}
