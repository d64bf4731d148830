// How a failed call travels over gRPC: the message alone, or with it what exists already (Pulumi then keeps it).

import grpc from "@grpc/grpc-js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import { toStruct } from "../engine/core/struct.ts";
import { plain } from "./values.ts";

const INIT_FAILED = "pulumirpc.ErrorResourceInitFailed";

export function statusOf(error: unknown): Partial<grpc.StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  const code = grpc.status.UNKNOWN;
  if (!(error instanceof Error) || !("id" in error) || typeof error.id !== "string") {
    return { code, details: message };
  }
  const detail = new proto.ErrorResourceInitFailed();
  detail.setId(error.id);
  detail.setProperties(toStruct(plain("properties" in error ? error.properties : {})));
  detail.setReasonsList(
    "reasons" in error && Array.isArray(error.reasons) ? error.reasons.map(String) : [message],
  );
  const packed = new any.Any();
  packed.pack(detail.serializeBinary(), INIT_FAILED);
  const full = new status.Status();
  full.setCode(code);
  full.setMessage(message);
  full.addDetails(packed);
  const metadata = new grpc.Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(full.serializeBinary()));
  return { code, details: message, metadata };
}
