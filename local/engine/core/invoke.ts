// Calls a provider's function for the program. In a preview a function that needs what is not created yet is not called.
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import type { ResourceInvokeRequest, ResourceInvokeResponse } from "@pulumi/pulumi/proto/resource_pb.js";
import proto from "@pulumi/pulumi/proto/resource_pb.js";
import type { Deployment } from "./deployment.ts";
import { messageOf } from "./diagnostics.ts";
import { fromStruct, toStruct } from "./struct.ts";
import { mapLowered } from "./values.ts";

/** @param reference the provider. @throws when this run has none of that reference, and when the function fails */
export async function invokeFunction(
  deployment: Deployment,
  reference: string,
  request: ResourceInvokeRequest,
): Promise<ResourceInvokeResponse> {
  const token = request.getTok();
  const reply = new proto.ResourceInvokeResponse();
  if (request.getDependsonList().some((urn) => isUncreated(deployment, urn))) {
    reply.setUnknown(true);
    return reply;
  }
  const provider = await deployment.registry.get(reference);
  if (!provider) throw new Error(`unknown provider '${reference}' for function '${token}'`);
  const { outputs, failures, unknown } = await provider
    .invoke(token, mapLowered(fromStruct(request.getArgs())))
    .catch((error) => {
      throw new Error(`invocation of ${token} returned an error: ${messageOf(error)}`, { cause: error });
    });
  reply.setUnknown(unknown);
  reply.setReturn(toStruct(outputs));
  for (const { property, reason } of failures) {
    const failure = new providerProto.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    reply.addFailures(failure);
  }
  return reply;
}

/** True in a preview for a resource that the update will create. */
function isUncreated({ preview, seen }: Deployment, urn: string): boolean {
  return preview && (seen.creates.has(urn) || seen.replaces.has(urn));
}
