// Whether a port of 127.0.0.1 speaks TLS with a certificate of the set's authority.

import { connect } from "node:tls";

/** True after a verified handshake, undefined otherwise. */
export function probeTls(port: number, authority: string): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, ca: authority });
    const finish = (answer: true | undefined) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(3000, () => finish(undefined));
    socket.on("secureConnect", () => finish(true));
    socket.on("error", () => finish(undefined));
    socket.on("close", () => finish(undefined));
  });
}
