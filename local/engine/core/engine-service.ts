// The engine service: log messages of program and providers, and the urn of the stack. Debug messages, several a
// resource, are dropped unless somebody asked for them.
import proto from "@pulumi/pulumi/proto/engine_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { method, type RpcServer } from "../rpc/server.ts";
import { RpcError, STATUS } from "../rpc/status.ts";
import type { Diagnostics } from "./diagnostics.ts";

const SEVERITIES = ["debug", "info", "warning", "error"] as const;

export function addEngineService(server: RpcServer, diagnostics: Diagnostics, debugMessages: boolean): void {
  let root = "";
  const refused = method(empty.Empty, async () => {
    throw new RpcError(STATUS.unimplemented, "not supported by the embedded engine; use the Pulumi CLI");
  });
  server.add("pulumirpc.Engine", {
    Log: method(proto.LogRequest, async (request) => {
      const severity = SEVERITIES[request.getSeverity()] ?? "info";
      const stream = { id: request.getStreamid(), ephemeral: request.getEphemeral() };
      if (severity !== "debug" || debugMessages) {
        diagnostics.say(severity, request.getUrn(), request.getMessage(), stream);
      }
      return new empty.Empty();
    }),
    GetRootResource: method(proto.GetRootResourceRequest, async () => {
      const reply = new proto.GetRootResourceResponse();
      reply.setUrn(root);
      return reply;
    }),
    SetRootResource: method(proto.SetRootResourceRequest, async (request) => {
      root = request.getUrn();
      return new proto.SetRootResourceResponse();
    }),
    StartDebugging: refused,
    RequirePulumiVersion: refused,
  });
}
