// A real HTTP server on a free port of 127.0.0.1 for one test, closed with all its connections at the end.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void | Promise<void>;

/** Runs `work` with the server's address. */
export async function withServer<T>(handler: Handler, work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    await handler(request, response, Buffer.concat(chunks).toString());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the test server has no port");
  try {
    return await work(`http://127.0.0.1:${address.port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Answers with JSON. */
export function answer(response: ServerResponse, status: number, value: unknown, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}
