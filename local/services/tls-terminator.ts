// A process: takes TLS connections on 127.0.0.1 and hands their bytes to a plain port, as ElastiCache's in-transit
// encryption does. The pinned Valkey is built without TLS.
//
// node tls-terminator.ts LISTEN_PORT TARGET_PORT CERTIFICATE_FILE KEY_FILE

import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { createServer } from "node:tls";

const [listenPort, targetPort, certificateFile, keyFile] = process.argv.slice(2);
if (!listenPort || !targetPort || !certificateFile || !keyFile) {
  throw new Error("tls-terminator: want LISTEN_PORT TARGET_PORT CERTIFICATE_FILE KEY_FILE");
}

const open = new Set<Socket>();
const server = createServer(
  { cert: readFileSync(certificateFile), key: readFileSync(keyFile), minVersion: "TLSv1.2" },
  (client) => {
    const target = connect({ host: "127.0.0.1", port: Number(targetPort), noDelay: true });
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      open.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  },
);
server.on("tlsClientError", (error) => console.error(`handshake refused: ${error.message}`));
server.listen(Number(listenPort), "127.0.0.1", () => console.error(`listening on ${listenPort}`));

process.on("SIGTERM", () => {
  server.close();
  for (const socket of open) socket.destroy();
});
