// The emulator speaks plain HTTP, and tells TLS by the header that a load balancer adds. This adds it: what comes through here
// counts as sent over TLS, what goes to the emulator itself as plain.
import { createServer, request } from "node:http";

export interface StandIn {
  url: string;
  close(): void;
}

/** A server on 127.0.0.1 that passes everything on to the emulator. */
export async function tlsStandIn(emulator: string): Promise<StandIn> {
  const { hostname, port } = new URL(emulator);
  const server = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, "x-forwarded-proto": "https" };
    const { method, url: path } = incoming;
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", (error) => outgoing.destroy(error));
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the stand-in has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
