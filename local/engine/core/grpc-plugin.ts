// A provider plugin behind Pulumi's ResourceProvider service.
import type { CheckResponse, DiffResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { RpcClient } from "../rpc/client.ts";
import type { Message, MessageType } from "../rpc/message.ts";
import { RpcError, STATUS } from "../rpc/status.ts";
import {
  type Capabilities,
  type CheckReply,
  type Plugin,
  ProviderFailure,
  type ResourceCall,
} from "./plugin.ts";
import { pluginFailure } from "./plugin-failure.ts";
import type { DetailedDiff, Diff, DiffKind } from "./property-diff.ts";
import { fromStruct, toStruct } from "./struct.ts";
import { packageOfProvider } from "./urn.ts";
import { mapWithoutSecrets } from "./values.ts";

/** Calls the plugin that listens at `address`; `stop` ends whatever runs it. */
export function grpcPlugin(address: string, stop: () => Promise<void>): Plugin {
  const client = new RpcClient(address, "pulumirpc.ResourceProvider");

  async function call<Reply>(method: string, request: Message, reply: MessageType<Reply>): Promise<Reply> {
    try {
      return await client.call(method, request, reply);
    } catch (error) {
      throw error instanceof RpcError ? pluginFailure(error) : error;
    }
  }

  return {
    async checkConfig(resource, olds, news) {
      const request = identified(new proto.CheckRequest(), resource);
      request.setOlds(toStruct(olds));
      request.setNews(toStruct(news));
      return ifImplemented(async () => checkReply(await call("CheckConfig", request, proto.CheckResponse)));
    },

    async diffConfig(resource, oldInputs, oldOutputs, news) {
      const request = identified(new proto.DiffRequest(), resource);
      request.setOldInputs(toStruct(oldInputs));
      request.setOlds(toStruct(oldOutputs));
      request.setNews(toStruct(news));
      return ifImplemented(async () => diffReply(await call("DiffConfig", request, proto.DiffResponse)));
    },

    async configure(resource, inputs): Promise<Capabilities> {
      const request = identified(new proto.ConfigureRequest(), resource);
      request.setId(resource.id);
      request.setArgs(toStruct(inputs));
      request.setAcceptsecrets(true);
      request.setAcceptresources(true);
      request.setSendsOldInputs(true);
      request.setSendsOldInputsToDelete(true);
      const variables = request.getVariablesMap();
      for (const [key, value] of Object.entries(mapWithoutSecrets(inputs))) {
        if (key === "version") continue;
        const text = typeof value === "string" ? value : JSON.stringify(value);
        variables.set(`${packageOfProvider(resource.type)}:config:${key}`, text);
      }
      const reply = await call("Configure", request, proto.ConfigureResponse);
      return {
        acceptSecrets: reply.getAcceptsecrets(),
        acceptResources: reply.getAcceptresources(),
        supportsPreview: reply.getSupportspreview(),
      };
    },

    async check(resource, olds, news, randomSeed) {
      const request = identified(new proto.CheckRequest(), resource);
      request.setOlds(toStruct(olds));
      request.setNews(toStruct(news));
      request.setRandomseed(randomSeed);
      return checkReply(await call("Check", request, proto.CheckResponse));
    },

    async diff(resource, oldInputs, oldOutputs, news) {
      const request = identified(new proto.DiffRequest(), resource);
      request.setId(resource.id);
      request.setOldInputs(toStruct(oldInputs));
      request.setOlds(toStruct(oldOutputs));
      request.setNews(toStruct(news));
      request.setIgnorechangesList(resource.ignoreChanges);
      return diffReply(await call("Diff", request, proto.DiffResponse));
    },

    async create(resource, inputs) {
      const request = identified(new proto.CreateRequest(), resource);
      request.setProperties(toStruct(inputs));
      request.setTimeout(resource.timeoutSeconds);
      request.setPreview(resource.preview);
      const reply = await call("Create", request, proto.CreateResponse);
      return { id: reply.getId(), outputs: fromStruct(reply.getProperties()) };
    },

    async update(resource, oldInputs, oldOutputs, news) {
      const request = identified(new proto.UpdateRequest(), resource);
      request.setId(resource.id);
      request.setOldInputs(toStruct(oldInputs));
      request.setOlds(toStruct(oldOutputs));
      request.setNews(toStruct(news));
      request.setTimeout(resource.timeoutSeconds);
      request.setPreview(resource.preview);
      request.setIgnorechangesList(resource.ignoreChanges);
      return fromStruct((await call("Update", request, proto.UpdateResponse)).getProperties());
    },

    async read(resource, inputs, outputs) {
      const request = identified(new proto.ReadRequest(), resource);
      request.setId(resource.id);
      request.setInputs(toStruct(inputs));
      request.setProperties(toStruct(outputs));
      request.setTimeout(resource.timeoutSeconds);
      const reply = await call("Read", request, proto.ReadResponse);
      return {
        id: reply.getId(),
        outputs: reply.hasProperties() ? fromStruct(reply.getProperties()) : undefined,
        inputs: reply.hasInputs() ? fromStruct(reply.getInputs()) : undefined,
      };
    },

    async delete(resource, inputs, outputs) {
      const request = identified(new proto.DeleteRequest(), resource);
      request.setId(resource.id);
      request.setOldInputs(toStruct(inputs));
      request.setProperties(toStruct(outputs));
      request.setTimeout(resource.timeoutSeconds);
      await call("Delete", request, empty.Empty);
    },

    async invoke(token, args, preview) {
      const request = new proto.InvokeRequest();
      request.setTok(token);
      request.setArgs(toStruct(args));
      request.setPreview(preview);
      const reply = await call("Invoke", request, proto.InvokeResponse);
      const failures = reply.getFailuresList().map(checkFailure);
      return { outputs: fromStruct(reply.getReturn()), failures, unknown: false };
    },

    async cancel() {
      await call("Cancel", new empty.Empty(), empty.Empty);
    },

    async close() {
      client.close();
      await stop();
    },
  };
}

function identified<
  Request extends { setUrn(urn: string): unknown; setName(n: string): unknown; setType(t: string): unknown },
>(request: Request, resource: ResourceCall): Request {
  request.setUrn(resource.urn);
  request.setName(resource.name);
  request.setType(resource.type);
  return request;
}

async function ifImplemented<Reply>(call: () => Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await call();
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof RpcError && cause.code === STATUS.unimplemented) return undefined;
    throw error;
  }
}

function checkReply(reply: CheckResponse): CheckReply {
  return { inputs: fromStruct(reply.getInputs()), failures: reply.getFailuresList().map(checkFailure) };
}

function checkFailure(failure: { getProperty(): string; getReason(): string }) {
  return { property: failure.getProperty(), reason: failure.getReason() };
}

const KINDS: DiffKind[] = ["add", "add-replace", "delete", "delete-replace", "update", "update-replace"];
const CHANGES: Diff["changes"][] = ["unknown", "none", "some"];

function diffReply(reply: DiffResponse): Diff {
  const changes = CHANGES[reply.getChanges()];
  if (!changes)
    throw new ProviderFailure(`provider answered a diff of kind ${reply.getChanges()}, want 0, 1 or 2`, 0);
  let detailedDiff: DetailedDiff | undefined;
  if (reply.getHasdetaileddiff()) {
    const entries: DetailedDiff = {};
    reply.getDetaileddiffMap().forEach((entry, path) => {
      entries[path] = { diffKind: KINDS[entry.getKind()] ?? "update", inputDiff: entry.getInputdiff() };
    });
    detailedDiff = entries;
  }
  return {
    changes,
    replaceKeys: reply.getReplacesList(),
    changedKeys: reply.getDiffsList(),
    detailedDiff,
    deleteBeforeReplace: reply.getDeletebeforereplace(),
  };
}
