// Whatever a provider answers, over the wire: the call ends with a value or with one error in words, never with a crash or a hang.
import grpc from "@grpc/grpc-js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";
import fc from "fast-check";
import any from "google-protobuf/google/protobuf/any_pb.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { grpcPlugin } from "../../../local/engine/core/grpc-plugin.ts";
import { InitFailure, type Plugin, ProviderFailure } from "../../../local/engine/core/plugin.ts";
import { toStruct } from "../../../local/engine/core/struct.ts";
import type { PropertyMap } from "../../../local/engine/types.ts";

type Answer = { bytes: Uint8Array } | { code: number; text: string; details?: Uint8Array };

const server = new grpc.Server();
let answer: Answer;
let plugin: Plugin;

const METHODS = [
  "CheckConfig",
  "DiffConfig",
  "Configure",
  "Check",
  "Diff",
  "Create",
  "Update",
  "Read",
  "Delete",
  "Invoke",
];

beforeAll(async () => {
  const service = Object.fromEntries(
    METHODS.map((name) => [
      name,
      {
        path: `/pulumirpc.ResourceProvider/${name}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: Buffer.from,
        requestDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    ]),
  );
  const handle = (_call: unknown, done: grpc.sendUnaryData<Uint8Array>) => {
    if ("bytes" in answer) return done(null, answer.bytes);
    const metadata = new grpc.Metadata();
    if (answer.details) metadata.set("grpc-status-details-bin", Buffer.from(answer.details));
    done({ code: answer.code, details: answer.text, metadata });
  };
  server.addService(service, Object.fromEntries(METHODS.map((name) => [name, handle])));
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  plugin = grpcPlugin(`127.0.0.1:${port}`, async () => {});
});
afterAll(async () => {
  await plugin.close();
  server.forceShutdown();
});

const resource = {
  urn: "urn:pulumi:s::p::t:m:T::r",
  name: "r",
  type: "t:m:T",
  id: "i",
  timeoutSeconds: 0,
  preview: false,
  ignoreChanges: [],
};
const calls: { [name: string]: () => Promise<unknown> } = {
  checkConfig: () => plugin.checkConfig(resource, {}, {}),
  diffConfig: () => plugin.diffConfig(resource, {}, {}, {}),
  configure: () => plugin.configure(resource, {}),
  check: () => plugin.check(resource, {}, {}, new Uint8Array()),
  diff: () => plugin.diff(resource, {}, {}, {}),
  create: () => plugin.create(resource, {}),
  update: () => plugin.update(resource, {}, {}, {}),
  read: () => plugin.read(resource, {}, {}),
  delete: () => plugin.delete(resource, {}, {}),
  invoke: () => plugin.invoke("t:m:f", {}, false),
};

/** The error of a call, or undefined when it gave a value. */
async function failureOf(call: () => Promise<unknown>): Promise<unknown> {
  return call().then(
    () => undefined,
    (error: unknown) => error,
  );
}

const bytes = fc.uint8Array({ maxLength: 200 });
const name = fc.constantFrom(...Object.keys(calls));
const value = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<PropertyMap[string]>;
// Keys that mean something to Pulumi, and that mean something to JavaScript.
const key = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom("4dabf18193072939515e22adb298388d", "constructor", "toString", "id", "urn", ""),
);
const properties = fc.dictionary(key, value, { maxKeys: 6, noNullPrototype: true });

describe("a provider's reply", () => {
  it("of any bytes ends the call with a value or an error in words", async () => {
    await fc.assert(
      fc.asyncProperty(name, bytes, async (method, reply) => {
        answer = { bytes: reply };
        const error = await failureOf(calls[method] ?? (() => Promise.reject()));
        if (error !== undefined) expect(String((error as Error).message)).not.toBe("");
      }),
      { numRuns: 300 },
    );
  });

  it("of any error, with any details, is one failure with the provider's words", async () => {
    const code = fc.integer({ min: 1, max: 16 });
    await fc.assert(
      fc.asyncProperty(name, code, fc.string(), fc.option(bytes), async (method, status, text, details) => {
        answer = { code: status, text, ...(details === null ? {} : { details }) };
        const error = await failureOf(calls[method] ?? (() => Promise.reject()));
        const optional = method.endsWith("Config") && status === grpc.status.UNIMPLEMENTED;
        if (!optional) expect(error).toBeInstanceOf(ProviderFailure);
      }),
      { numRuns: 300 },
    );
  });

  it("with details that are cut short or changed in a byte keeps the error's own words", async () => {
    const detail = new proto.ErrorResourceInitFailed();
    detail.setId("made-1");
    detail.setProperties(toStruct({ size: 3 }));
    detail.setReasonsList(["too small"]);
    const packed = new any.Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const whole = new status.Status();
    whole.setDetailsList([packed]);
    const good = whole.serializeBinary();
    answer = { code: grpc.status.UNKNOWN, text: "init failed", details: good };
    expect(await failureOf(() => plugin.create(resource, {}))).toMatchObject({
      id: "made-1",
      outputs: { size: 3 },
      reasons: ["too small"],
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), fc.boolean(), async (at, byte, cut) => {
        const details = cut ? good.slice(0, at) : good.with(at, byte);
        answer = { code: grpc.status.UNKNOWN, text: "init failed", details };
        const error = await failureOf(() => plugin.create(resource, {}));
        expect(error).toBeInstanceOf(ProviderFailure);
        if (!(error instanceof InitFailure)) expect((error as Error).message).toContain("init failed");
      }),
      { numRuns: 200 },
    );
  });

  it("comes back as it was given, whatever its keys and values are", async () => {
    await fc.assert(
      fc.asyncProperty(properties, async (outputs) => {
        const reply = new proto.CreateResponse();
        reply.setId("made-1");
        reply.setProperties(toStruct(outputs));
        answer = { bytes: reply.serializeBinary() };
        expect(await plugin.create(resource, {})).toEqual({ id: "made-1", outputs });
      }),
      { numRuns: 200 },
    );
  });
});
