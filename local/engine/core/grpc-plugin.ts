// A provider plugin behind Pulumi's ResourceProvider service.
import grpc from "@grpc/grpc-js";
import providerServices from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { CheckResponse, DiffResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { messageLimits } from "./grpc.ts";
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

const noMetadata = new grpc.Metadata();
const noOptions = {};
const INIT_FAILED = "pulumirpc.ErrorResourceInitFailed";
const MISSING_KEYS = "pulumirpc.ConfigureErrorMissingKeys";

/** Calls the plugin that listens at `address`; `stop` ends whatever runs it. */
export function grpcPlugin(address: string, stop: () => Promise<void>): Plugin {
  const client = new providerServices.ResourceProviderClient(address, grpc.credentials.createInsecure(), {
    ...messageLimits,
    // What a provider did not do twice by itself is not repeated here.
    "grpc.enable_retries": 0,
  });

  function call<Request, Reply>(
    method: (
      request: Request,
      metadata: grpc.Metadata,
      options: Partial<grpc.CallOptions>,
      done: (error: grpc.ServiceError | null, reply: Reply) => void,
    ) => unknown,
    request: Request,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      method.call(client, request, noMetadata, noOptions, (error, reply) => {
        if (error) reject(failureOf(error));
        else resolve(reply);
      });
    });
  }

  return {
    async checkConfig(resource, olds, news) {
      const request = identified(new proto.CheckRequest(), resource);
      request.setOlds(toStruct(olds));
      request.setNews(toStruct(news));
      return ifImplemented(async () => checkReply(await call(client.checkConfig, request)));
    },

    async diffConfig(resource, oldInputs, oldOutputs, news) {
      const request = identified(new proto.DiffRequest(), resource);
      request.setOldInputs(toStruct(oldInputs));
      request.setOlds(toStruct(oldOutputs));
      request.setNews(toStruct(news));
      return ifImplemented(async () => diffReply(await call(client.diffConfig, request)));
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
      const reply = await call(client.configure, request);
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
      return checkReply(await call(client.check, request));
    },

    async diff(resource, oldInputs, oldOutputs, news) {
      const request = identified(new proto.DiffRequest(), resource);
      request.setId(resource.id);
      request.setOldInputs(toStruct(oldInputs));
      request.setOlds(toStruct(oldOutputs));
      request.setNews(toStruct(news));
      request.setIgnorechangesList(resource.ignoreChanges);
      return diffReply(await call(client.diff, request));
    },

    async create(resource, inputs) {
      const request = identified(new proto.CreateRequest(), resource);
      request.setProperties(toStruct(inputs));
      request.setTimeout(resource.timeoutSeconds);
      request.setPreview(resource.preview);
      const reply = await call(client.create, request);
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
      return fromStruct((await call(client.update, request)).getProperties());
    },

    async read(resource, inputs, outputs) {
      const request = identified(new proto.ReadRequest(), resource);
      request.setId(resource.id);
      request.setInputs(toStruct(inputs));
      request.setProperties(toStruct(outputs));
      request.setTimeout(resource.timeoutSeconds);
      const reply = await call(client.read, request);
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
      await call(client.delete, request);
    },

    async invoke(token, args, preview) {
      const request = new proto.InvokeRequest();
      request.setTok(token);
      request.setArgs(toStruct(args));
      request.setPreview(preview);
      const reply = await call(client.invoke, request);
      const failures = reply.getFailuresList().map(checkFailure);
      return { outputs: fromStruct(reply.getReturn()), failures, unknown: false };
    },

    async cancel() {
      await call(client.cancel, new empty.Empty());
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
    if (error instanceof Error && isServiceError(error.cause)) {
      if (error.cause.code === grpc.status.UNIMPLEMENTED) return undefined;
    }
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

function isServiceError(error: unknown): error is grpc.ServiceError {
  return error instanceof Error && "code" in error && "details" in error && "metadata" in error;
}

/** The provider's error with its details read: init failures keep what exists, missing configuration is listed. */
function failureOf(error: grpc.ServiceError): ProviderFailure {
  const unsure = [grpc.status.UNKNOWN, grpc.status.INTERNAL, grpc.status.DATA_LOSS].includes(error.code);
  const plain = new ProviderFailure(error.details || error.message, unsure ? 2 : 0, { cause: error });
  try {
    return detailedFailureOf(error) ?? plain;
  } catch {
    // Details that cannot be read take nothing from the error's own words.
    return plain;
  }
}

/** @throws when the details are malformed */
function detailedFailureOf(error: grpc.ServiceError): ProviderFailure | undefined {
  for (const [type, bytes] of detailsOf(error)) {
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

function detailsOf(error: grpc.ServiceError): [string, Uint8Array][] {
  const [packed] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (!(packed instanceof Uint8Array)) return [];
  return status.Status.deserializeBinary(packed)
    .getDetailsList()
    .map((any) => [any.getTypeUrl().split("/").at(-1) ?? "", any.getValue_asU8()]);
}
