// The engine service: log messages of program and providers, and the urn of the stack. Debug messages, several a
// resource, are dropped unless somebody asked for them.
import grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest, SetRootResourceRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import proto from "@pulumi/pulumi/proto/engine_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Diagnostics } from "./diagnostics.ts";

const SEVERITIES = ["debug", "info", "warning", "error"] as const;

export function addEngineService(
  server: grpc.Server,
  diagnostics: Diagnostics,
  debugMessages: boolean,
): void {
  let root = "";
  const refuse = (_call: unknown, done: grpc.sendUnaryData<unknown>) =>
    done({
      code: grpc.status.UNIMPLEMENTED,
      details: "not supported by the embedded engine; use the Pulumi CLI",
    });
  server.addService(services.EngineService, {
    log(call: grpc.ServerUnaryCall<LogRequest, unknown>, done: grpc.sendUnaryData<unknown>) {
      const { request } = call;
      const severity = SEVERITIES[request.getSeverity()] ?? "info";
      const stream = { id: request.getStreamid(), ephemeral: request.getEphemeral() };
      if (severity !== "debug" || debugMessages) {
        diagnostics.say(severity, request.getUrn(), request.getMessage(), stream);
      }
      done(null, new empty.Empty());
    },
    getRootResource(_call: unknown, done: grpc.sendUnaryData<unknown>) {
      const reply = new proto.GetRootResourceResponse();
      reply.setUrn(root);
      done(null, reply);
    },
    setRootResource(
      call: grpc.ServerUnaryCall<SetRootResourceRequest, unknown>,
      done: grpc.sendUnaryData<unknown>,
    ) {
      root = call.request.getUrn();
      done(null, new proto.SetRootResourceResponse());
    },
    startDebugging: refuse,
    requirePulumiVersion: refuse,
  });
}
