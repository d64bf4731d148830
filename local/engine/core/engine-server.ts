// The server that the program and plugins talk to: on a free port of this machine, for one deployment.
import grpc from "@grpc/grpc-js";
import type { Diagnostics } from "./diagnostics.ts";
import { addEngineService } from "./engine-service.ts";
import { messageLimits } from "./grpc.ts";
import type { Monitor } from "./monitor.ts";

export class EngineServer {
  readonly #server = new grpc.Server(messageLimits);
  #address: Promise<string> | undefined;

  constructor(diagnostics: Diagnostics, debugMessages: boolean) {
    addEngineService(this.#server, diagnostics, debugMessages);
  }

  /** Lets programs register resources. */
  add(monitor: Monitor): void {
    monitor.addTo(this.#server);
  }

  /** `127.0.0.1:PORT`; listens from the first call on. */
  address(): Promise<string> {
    this.#address ??= new Promise((resolve, reject) => {
      this.#server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
        if (error) reject(error);
        else resolve(`127.0.0.1:${port}`);
      });
    });
    return this.#address;
  }

  close(): void {
    this.#server.forceShutdown();
  }
}
