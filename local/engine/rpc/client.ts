// Calls to a gRPC server on this machine: one message there, one back, over one HTTP/2 connection. The general client
// library spends more on a call than the engine on the rest of a resource: it balances, retries, intercepts and traces.
import http2 from "node:http2";
import { framed, Inbox, type Message, type MessageType } from "./message.ts";
import { SESSION, widen } from "./session.ts";
import { decodeMessage, RpcError, STATUS } from "./status.ts";

const {
  HTTP2_HEADER_CONTENT_TYPE,
  HTTP2_HEADER_METHOD,
  HTTP2_HEADER_PATH,
  HTTP2_HEADER_STATUS,
  HTTP2_HEADER_TE,
} = http2.constants;

/** One server's methods; connects with the first call. */
export class RpcClient {
  readonly #address: string;
  readonly #service: string;
  #session: http2.ClientHttp2Session | undefined;
  #closed = false;

  /**
   * @param address `HOST:PORT`
   * @param service full name, e.g. `pulumirpc.ResourceProvider`
   */
  constructor(address: string, service: string) {
    this.#address = address;
    this.#service = service;
  }

  /** @throws RpcError when the server answers with one, or does not answer */
  call<Reply>(method: string, request: Message, reply: MessageType<Reply>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const stream = this.#connected().request({
        [HTTP2_HEADER_METHOD]: "POST",
        [HTTP2_HEADER_PATH]: `/${this.#service}/${method}`,
        [HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
        [HTTP2_HEADER_TE]: "trailers",
      });
      const inbox = new Inbox();
      let ending: http2.IncomingHttpHeaders = {};
      const give = (error: RpcError) => {
        stream.destroy();
        reject(error);
      };
      stream.on("response", (headers) => {
        ending = headers;
      });
      stream.on("trailers", (headers) => {
        ending = headers;
      });
      stream.on("data", (piece: Buffer) => {
        try {
          inbox.add(piece);
        } catch (error) {
          give(asRpcError(error));
        }
      });
      stream.on("end", () => {
        try {
          requireOk(ending);
          resolve(inbox.read(reply));
        } catch (error) {
          give(asRpcError(error));
        }
      });
      stream.on("error", (error) => reject(new RpcError(STATUS.unavailable, error.message)));
      // Without an error of its own when the connection ends below it.
      stream.on("close", () => {
        if (!stream.readableEnded) reject(new RpcError(STATUS.unavailable, "connection dropped"));
      });
      stream.end(framed(request));
    });
  }

  /** Ends the connection, and with it the calls that are open. */
  close(): void {
    this.#closed = true;
    this.#session?.destroy();
  }

  #connected(): http2.ClientHttp2Session {
    if (this.#closed) throw new RpcError(STATUS.unavailable, "connection is closed");
    if (this.#session && !this.#session.closed && !this.#session.destroyed) return this.#session;
    const session = http2.connect(`http://${this.#address}`, SESSION);
    session.once("connect", () => widen(session));
    // Every open call hears of it, too.
    session.on("error", () => {});
    this.#session = session;
    return session;
  }
}

/** @throws RpcError for every end but a good one */
function requireOk(headers: http2.IncomingHttpHeaders): void {
  const code = headers["grpc-status"];
  if (code === undefined) {
    const status = headers[HTTP2_HEADER_STATUS];
    if (status === undefined) throw new RpcError(STATUS.unavailable, "connection dropped");
    throw new RpcError(STATUS.unknown, `HTTP status ${status} without a gRPC status`);
  }
  if (code === "0") return;
  const details = headers["grpc-status-details-bin"];
  throw new RpcError(
    Number(code),
    decodeMessage(String(headers["grpc-message"] ?? "")),
    typeof details === "string" ? Buffer.from(details, "base64") : undefined,
  );
}

function asRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  return new RpcError(STATUS.internal, error instanceof Error ? error.message : String(error));
}
