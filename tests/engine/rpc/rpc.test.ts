// The engine's own gRPC against the library's: each as client and as server, with large, many, odd and broken messages.
import http2 from "node:http2";
import grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/engine_pb.js";
import fc from "fast-check";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RpcClient } from "../../../local/engine/rpc/client.ts";
import { method, RpcServer } from "../../../local/engine/rpc/server.ts";
import { decodeMessage, encodeMessage, RpcError, STATUS } from "../../../local/engine/rpc/status.ts";

type Sent = InstanceType<typeof proto.SetRootResourceRequest>;

function request(urn: string): Sent {
  const message = new proto.SetRootResourceRequest();
  message.setUrn(urn);
  return message;
}

function reply(urn: string) {
  const message = new proto.GetRootResourceResponse();
  message.setUrn(urn);
  return message;
}

/** Details of an error that the next call to either server gets instead of an answer. */
let failure: { code: number; text: string; details?: Uint8Array } | undefined;

const own = new RpcServer();
const library = new grpc.Server({ "grpc.max_receive_message_length": -1 });
let ownAddress: string;
let libraryAddress: string;

beforeAll(async () => {
  // The echo answers with the message of another method: only its bytes matter.
  own.add("pulumirpc.Engine", {
    SetRootResource: method(proto.SetRootResourceRequest, async (asked) => {
      if (failure) throw new RpcError(failure.code, failure.text);
      if (asked.getUrn() === "broken") throw new Error("broken");
      return reply(asked.getUrn());
    }),
  });
  ownAddress = await own.address();
  library.addService(
    {
      echo: {
        path: "/pulumirpc.Engine/SetRootResource",
        requestStream: false,
        responseStream: false,
        requestSerialize: (bytes: Buffer) => bytes,
        requestDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    },
    {
      echo(call: { request: Buffer }, done: grpc.sendUnaryData<Buffer>) {
        if (!failure) return done(null, call.request);
        const metadata = new grpc.Metadata();
        if (failure.details) metadata.set("grpc-status-details-bin", Buffer.from(failure.details));
        done({ code: failure.code, details: failure.text, metadata });
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    library.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  libraryAddress = `127.0.0.1:${port}`;
});
afterAll(() => {
  own.close();
  library.forceShutdown();
});

async function withClient<Result>(address: string, use: (client: RpcClient) => Promise<Result>) {
  const client = new RpcClient(address, "pulumirpc.Engine");
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

const echo = async (client: RpcClient, urn: string) =>
  (await client.call("SetRootResource", request(urn), proto.GetRootResourceResponse)).getUrn();

function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** The library's client, calling the engine's server. */
async function libraryEcho(urn: string): Promise<string | grpc.ServiceError> {
  const client = new services.EngineClient(ownAddress, grpc.credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
  });
  try {
    const bytes = await new Promise<Buffer>((resolve, reject) =>
      client.makeUnaryRequest(
        "/pulumirpc.Engine/SetRootResource",
        (asked: Sent) => Buffer.from(asked.serializeBinary()),
        (received: Buffer) => received,
        request(urn),
        (error: grpc.ServiceError | null, value?: Buffer) => (value ? resolve(value) : reject(error)),
      ),
    );
    return proto.GetRootResourceResponse.deserializeBinary(bytes).getUrn();
  } catch (error) {
    return error as grpc.ServiceError;
  } finally {
    client.close();
  }
}

describe("a call", () => {
  it.each([
    0, 1, 70_000, 1_500_000,
  ])("of %i characters comes back whole from either server", async (length) => {
    const text = "é".repeat(length);
    for (const address of [ownAddress, libraryAddress]) {
      expect((await withClient(address, (client) => echo(client, text))) === text).toBe(true);
    }
    expect((await libraryEcho(text)) === text).toBe(true);
  });

  it("is one of many on a connection, and gets its own answer", async () => {
    const names = Array.from({ length: 600 }, (_, index) => `r${index}`);
    for (const address of [ownAddress, libraryAddress]) {
      const found = await withClient(address, (client) =>
        Promise.all(names.map((name) => echo(client, name))),
      );
      expect(found).toEqual(names);
    }
  });

  it("that a server refuses ends with its code and words, whatever the words", async () => {
    const code = fc.integer({ min: 1, max: 16 });
    const text = fc.string({ unit: "binary", maxLength: 60 });
    await withClient(ownAddress, (client) =>
      fc.assert(
        fc.asyncProperty(code, text, async (number, words) => {
          failure = { code: number, text: words };
          const error = await failureOf(echo(client, "x"));
          expect(error).toMatchObject({ code: number, message: words.toWellFormed() });
        }),
        { numRuns: 100 },
      ),
    );
    failure = { code: 5, text: "größer als 100% — “no”" };
    expect(await libraryEcho("x")).toMatchObject({ code: 5, details: failure.text });
    failure = undefined;
  });

  it("that fails with details gets all of them, as many as a header can hold", async () => {
    const details = new Uint8Array(45_000).fill(7);
    failure = { code: STATUS.unknown, text: "not ready", details };
    const error = await withClient(libraryAddress, (client) => failureOf(echo(client, "x")));
    failure = undefined;
    expect(error).toMatchObject({ code: STATUS.unknown, message: "not ready" });
    expect(Buffer.compare((error as RpcError).details ?? new Uint8Array(), details)).toBe(0);
  });

  it("of a method that is not there, or that throws, is an error in words", async () => {
    await withClient(ownAddress, async (client) => {
      expect(await failureOf(client.call("Nothing", new empty.Empty(), empty.Empty))).toMatchObject({
        code: STATUS.unimplemented,
        message: "method /pulumirpc.Engine/Nothing is not implemented",
      });
      expect(await failureOf(echo(client, "broken"))).toMatchObject({
        code: STATUS.unknown,
        message: "broken",
      });
    });
  });

  it("fails as unavailable when nobody listens, when the server ends, and after the client was closed", async () => {
    const server = new RpcServer();
    server.add("pulumirpc.Engine", { SetRootResource: method(empty.Empty, () => new Promise(() => {})) });
    const address = await server.address();
    const client = new RpcClient(address, "pulumirpc.Engine");
    const waiting = failureOf(echo(client, "x"));
    // The call is on its way: the session exists once a second one is answered.
    await failureOf(client.call("Nothing", new empty.Empty(), empty.Empty));
    server.close();
    expect(await waiting).toMatchObject({ code: STATUS.unavailable });
    expect(await failureOf(echo(client, "x"))).toMatchObject({ code: STATUS.unavailable });
    client.close();
    expect(await failureOf(echo(client, "x"))).toMatchObject({ code: STATUS.unavailable });
  });
});

describe("the server", () => {
  /** Sends raw bytes as the body of a call; the status that comes back. */
  function send(body: Uint8Array): Promise<string> {
    const session = http2.connect(`http://${ownAddress}`);
    return new Promise<string>((resolve, reject) => {
      const stream = session.request({
        ":method": "POST",
        ":path": "/pulumirpc.Engine/SetRootResource",
        "content-type": "application/grpc",
        te: "trailers",
      });
      stream.on("response", (headers) => resolve(String(headers["grpc-status"])));
      stream.on("error", reject);
      stream.resume();
      stream.end(body);
    }).finally(() => session.destroy());
  }

  it.each([
    ["nothing", [], STATUS.internal],
    ["a message that is shorter than announced", [0, 0, 0, 0, 9, 1], STATUS.internal],
    ["more than one message", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], STATUS.internal],
    ["a compressed message", [1, 0, 0, 0, 0], STATUS.unimplemented],
    ["bytes that are no message of this kind", [0, 0, 0, 0, 2, 0x0a, 0x50], STATUS.internal],
  ])("refuses %s", async (_, bytes, status) => {
    expect(await send(Uint8Array.from(bytes))).toBe(String(status));
  });

  it("answers the next call after any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
        await send(bytes);
        expect(await withClient(ownAddress, (client) => echo(client, "still here"))).toBe("still here");
      }),
      { numRuns: 30 },
    );
  });
});

describe("a message in a header", () => {
  it("is printable ASCII on the wire and reads back as it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const header = encodeMessage(text);
        expect(header).toMatch(/^[ -~]*$/);
        expect(decodeMessage(header)).toBe(text.toWellFormed());
      }),
    );
  });

  it("that was never encoded stays as it is", () => {
    expect(decodeMessage("100% sure")).toBe("100% sure");
  });
});
