// Serves a local provider as a plugin process, so that the official CLI can use it too: Pulumi's ResourceProvider
// service over gRPC. The SDK's own `provider.main` would do for simple providers; it passes on neither configuration
// nor old inputs. What is not answered here (schema, mapping, components) is UNIMPLEMENTED.

import grpc from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type {
  CheckRequest,
  ConfigureRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  InvokeRequest,
  ReadRequest,
  UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import type { CheckResult } from "@pulumi/pulumi/provider/index.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { fromStruct, toStruct } from "../engine/core/struct.ts";
import { mapWithoutSecrets } from "../engine/core/values.ts";
import { LIMIT_BYTES } from "../engine/rpc/message.ts";
import type { DiffKind } from "./diff.ts";
import type { LocalProvider } from "./provider.ts";
import { statusOf } from "./server-status.ts";
import { plain } from "./values.ts";

const KINDS: Record<DiffKind, number> = {
  add: proto.PropertyDiff.Kind.ADD,
  "add-replace": proto.PropertyDiff.Kind.ADD_REPLACE,
  delete: proto.PropertyDiff.Kind.DELETE,
  "delete-replace": proto.PropertyDiff.Kind.DELETE_REPLACE,
  update: proto.PropertyDiff.Kind.UPDATE,
  "update-replace": proto.PropertyDiff.Kind.UPDATE_REPLACE,
};

/** Listens on a free port of 127.0.0.1 and returns it. The process lives on until it is stopped. */
export async function serve(provider: LocalProvider): Promise<number> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": LIMIT_BYTES,
    "grpc.max_send_message_length": LIMIT_BYTES,
  });
  server.addService(services.ResourceProviderService, { ...methodsOf(provider) });
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

function methodsOf(provider: LocalProvider) {
  return {
    getPluginInfo: unary(async () => {
      const info = new plugin.PluginInfo();
      info.setVersion(provider.version);
      return info;
    }),

    checkConfig: unary(async (request: CheckRequest) => {
      const news = fromStruct(request.getNews());
      const { failures } = await provider.checkConfig(request.getUrn(), {}, mapWithoutSecrets(news));
      // Secrets go back as they came: only the engine may decide what is one.
      return checkReply({ inputs: news, failures });
    }),

    configure: unary(async (request: ConfigureRequest) => {
      await provider.configure(mapWithoutSecrets(fromStruct(request.getArgs())));
      const reply = new proto.ConfigureResponse();
      reply.setAcceptsecrets(false);
      reply.setAcceptresources(false);
      reply.setSupportspreview(false);
      return reply;
    }),

    check: unary(async (request: CheckRequest) => {
      const olds = fromStruct(request.getOlds());
      const news = fromStruct(request.getNews());
      return checkReply(await provider.check(request.getUrn(), olds, news, request.getRandomseed_asU8()));
    }),

    diff: unary(async (request: DiffRequest) => {
      const result = await provider.diff(
        request.getId(),
        request.getUrn(),
        fromStruct(request.getOlds()),
        fromStruct(request.getNews()),
        request.getIgnorechangesList(),
      );
      const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
      const reply = new proto.DiffResponse();
      reply.setChanges(result.changes ? DIFF_SOME : DIFF_NONE);
      reply.setReplacesList([...(result.replaces ?? [])]);
      reply.setStablesList([...(result.stables ?? [])]);
      reply.setDeletebeforereplace(result.deleteBeforeReplace ?? false);
      reply.setDiffsList(result.diffs);
      reply.setHasdetaileddiff(true);
      for (const [path, { kind, inputDiff }] of Object.entries(result.detailedDiff)) {
        const difference = new proto.PropertyDiff();
        difference.setKind(KINDS[kind]);
        difference.setInputdiff(inputDiff);
        reply.getDetaileddiffMap().set(path, difference);
      }
      return reply;
    }),

    create: unary(async (request: CreateRequest) => {
      const { id, outs } = await provider.create(request.getUrn(), fromStruct(request.getProperties()));
      const reply = new proto.CreateResponse();
      reply.setId(id);
      reply.setProperties(struct(outs));
      return reply;
    }),

    read: unary(async (request: ReadRequest) => {
      const props = fromStruct(request.getProperties());
      const inputs = request.hasInputs() ? fromStruct(request.getInputs()) : undefined;
      const found = await provider.read(request.getId(), request.getUrn(), props, inputs);
      const reply = new proto.ReadResponse();
      reply.setId(found.id ?? "");
      reply.setProperties(struct(found.props));
      if (found.inputs !== undefined) reply.setInputs(struct(found.inputs));
      return reply;
    }),

    update: unary(async (request: UpdateRequest) => {
      const olds = fromStruct(request.getOlds());
      const news = fromStruct(request.getNews());
      const { outs } = await provider.update(request.getId(), request.getUrn(), olds, news);
      const reply = new proto.UpdateResponse();
      reply.setProperties(struct(outs));
      return reply;
    }),

    delete: unary(async (request: DeleteRequest) => {
      await provider.delete(request.getId(), request.getUrn(), fromStruct(request.getProperties()));
      return new empty.Empty();
    }),

    invoke: unary(async (request: InvokeRequest) => {
      const { outputs, failures, unknown } = await provider.invoke(
        request.getTok(),
        fromStruct(request.getArgs()),
      );
      if (unknown)
        throw new Error(`${request.getTok()}: no service is configured to ask; set AWS_ENDPOINT_URL`);
      const reply = new proto.InvokeResponse();
      reply.setReturn(struct(outputs));
      reply.setFailuresList(failureList(failures));
      return reply;
    }),

    cancel: unary(async () => {
      await provider.cancel();
      return new empty.Empty();
    }),
  };
}

function unary<Request, Reply>(
  answer: (request: Request) => Promise<Reply>,
): grpc.handleUnaryCall<Request, Reply> {
  return (call, done) => {
    answer(call.request).then(
      (reply) => done(null, reply),
      (error: unknown) => done(statusOf(error)),
    );
  };
}

function checkReply({ inputs, failures }: CheckResult) {
  const reply = new proto.CheckResponse();
  reply.setInputs(struct(inputs));
  reply.setFailuresList(failureList(failures));
  return reply;
}

function failureList(failures: CheckResult["failures"]) {
  return (failures ?? []).map(({ property, reason }) => {
    const failure = new proto.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    return failure;
  });
}

function struct(values: unknown): Struct {
  return toStruct(plain(values));
}
