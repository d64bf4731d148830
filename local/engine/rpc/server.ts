// A gRPC server on a free port of this machine: one message in, one out.
import http2 from "node:http2";
import { framed, Inbox, type Message, type MessageType } from "./message.ts";
import { SESSION, widen } from "./session.ts";
import { encodeMessage, RpcError, STATUS } from "./status.ts";

const { HTTP2_HEADER_CONTENT_TYPE, HTTP2_HEADER_PATH, HTTP2_HEADER_STATUS } = http2.constants;

interface Method {
  receive(inbox: Inbox): Promise<Message>;
}

/** A method: the class of what it is asked with, and who answers. An RpcError keeps its code, others are UNKNOWN. */
export function method<Request>(
  request: MessageType<Request>,
  answer: (request: Request) => Promise<Message>,
): Method {
  return { receive: async (inbox) => answer(inbox.read(request)) };
}

/** Methods by their names. */
export type Service = { readonly [name: string]: Method };

export class RpcServer {
  readonly #server = http2.createServer(SESSION);
  readonly #methods = new Map<string, Method>();
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  #address: Promise<string> | undefined;

  constructor() {
    this.#server.on("session", (session) => {
      this.#sessions.add(session);
      widen(session);
      session.once("close", () => this.#sessions.delete(session));
      // A peer that went away is seen by its process's end.
      session.on("error", () => {});
    });
    this.#server.on("stream", (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
      stream.on("error", () => {});
      const inbox = new Inbox();
      stream.on("data", (piece: Buffer) => {
        try {
          inbox.add(piece);
        } catch (error) {
          refuse(stream, error);
        }
      });
      stream.on("end", () => this.#answer(stream, String(headers[HTTP2_HEADER_PATH]), inbox));
    });
  }

  /** @param name full name, e.g. `pulumirpc.Engine` */
  add(name: string, service: Service): void {
    for (const key in service) {
      const found = service[key];
      if (found) this.#methods.set(`/${name}/${key}`, found);
    }
  }

  /** `127.0.0.1:PORT`; listens from the first call on. */
  address(): Promise<string> {
    this.#address ??= new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", () => {
        const bound = this.#server.address();
        if (bound !== null && typeof bound === "object") resolve(`127.0.0.1:${bound.port}`);
      });
    });
    return this.#address;
  }

  /** Ends every connection. */
  close(): void {
    if (this.#server.listening) this.#server.close();
    for (const session of this.#sessions) session.destroy();
  }

  async #answer(stream: http2.ServerHttp2Stream, path: string, inbox: Inbox): Promise<void> {
    try {
      const found = this.#methods.get(path);
      if (!found) throw new RpcError(STATUS.unimplemented, `method ${path} is not implemented`);
      const frame = framed(await found.receive(inbox));
      // The caller may have gone away meanwhile.
      if (stream.closed || stream.destroyed) return;
      stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": STATUS.ok }));
      stream.respond(
        { [HTTP2_HEADER_STATUS]: 200, [HTTP2_HEADER_CONTENT_TYPE]: "application/grpc+proto" },
        { waitForTrailers: true },
      );
      stream.end(frame);
    } catch (error) {
      refuse(stream, error);
    }
  }
}

function refuse(stream: http2.ServerHttp2Stream, error: unknown): void {
  if (stream.closed || stream.destroyed || stream.headersSent) return;
  const text = error instanceof Error ? error.message : String(error);
  stream.respond(
    {
      [HTTP2_HEADER_STATUS]: 200,
      [HTTP2_HEADER_CONTENT_TYPE]: "application/grpc+proto",
      "grpc-status": error instanceof RpcError ? error.code : STATUS.unknown,
      "grpc-message": encodeMessage(text),
    },
    { endStream: true },
  );
}
