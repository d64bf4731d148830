// A provider plugin behind Pulumi's ResourceProvider service.
import type { CheckResponse, DiffResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { RpcClient } from "../rpc/client.ts";
import type { Message, MessageType } from "../rpc/message.ts";
import { RpcError, STATUS } from "../rpc/status.ts";
import {
  type Capabilities,
  type CheckReply,
  InitFailure,
  type Plugin,
  ProviderFailure,
  type ResourceCall,
} from "./plugin.ts";
import type { DetailedDiff, Diff, DiffKind } from "./property-diff.ts";
import { fromStruct, toStruct } from "./struct.ts";
import { packageOfProvider } from "./urn.ts";
import { mapWithoutSecrets } from "./values.ts";

/** Ends after which the provider may have done something. */
const UNSURE = new Set<number>([STATUS.unknown, STATUS.internal, STATUS.dataLoss]);
const INIT_FAILED = "pulumirpc.ErrorResourceInitFailed";
const MISSING_KEYS = "pulumirpc.ConfigureErrorMissingKeys";

/** Calls the plugin that listens at `address`; `stop` ends whatever runs it. */
export function grpcPlugin(address: string, stop: () => Promise<void>): Plugin {
  const client = new RpcClient(address, "pulumirpc.ResourceProvider");

  async function call<Reply>(method: string, request: Message, reply: MessageType<Reply>): Promise<Reply> {
    try {
      return await client.call(method, request, reply);
    } catch (error) {
      throw error instanceof RpcError ? failureOf(error) : error;
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

/** The provider's error with its details read: init failures keep what exists, missing configuration is listed. */
function failureOf(error: RpcError): ProviderFailure {
  const plain = new ProviderFailure(error.message, UNSURE.has(error.code) ? 2 : 0, { cause: error });
  try {
    return detailedFailureOf(error) ?? plain;
  } catch {
    // Details that cannot be read take nothing from the error's own words.
    return plain;
  }
}

/** @throws when the details are malformed */
function detailedFailureOf(error: RpcError): ProviderFailure | undefined {
  for (const [type, bytes] of detailsOf(error.details)) {
    if (type === INIT_FAILED) {
      const detail = proto.ErrorResourceInitFailed.deserializeBinary(bytes);
      return new InitFailure(
        detail.getId(),
        fromStruct(detail.getProperties()),
        detail.hasInputs() ? fromStruct(detail.getInputs()) : undefined,
        detail.getReasonsList(),
      );
    }
    if (type === MISSING_KEYS) {
      const keys = proto.ConfigureErrorMissingKeys.deserializeBinary(bytes).getMissingkeysList();
      const lines = keys.map(
        (key) =>
          `missing required configuration key "${key.getName()}": ${key.getDescription()}\n` +
          `Set a value using the command \`pulumi config set ${key.getName()} <value>\`.`,
      );
      return new ProviderFailure(lines.join("\n"), 0, { cause: error });
    }
  }
  return undefined;
}

function detailsOf(packed: Uint8Array | undefined): [string, Uint8Array][] {
  if (!packed) return [];
  return status.Status.deserializeBinary(packed)
    .getDetailsList()
    .map((any) => [any.getTypeUrl().split("/").at(-1) ?? "", any.getValue_asU8()]);
}
