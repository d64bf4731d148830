// What a plugin's error says beyond its words: which object exists though it did not become ready, which configuration is
// missing, and whether anything may have been done.
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";
import { type RpcError, STATUS } from "../rpc/status.ts";
import { InitFailure, ProviderFailure } from "./plugin.ts";
import { fromStruct } from "./struct.ts";

/** Ends after which the provider may have done something. */
const UNSURE = new Set<number>([STATUS.unknown, STATUS.internal, STATUS.dataLoss]);
const INIT_FAILED = "pulumirpc.ErrorResourceInitFailed";
const MISSING_KEYS = "pulumirpc.ConfigureErrorMissingKeys";

/** The provider's error with its details read: init failures keep what exists, missing configuration is listed. */
export function pluginFailure(error: RpcError): ProviderFailure {
  const plain = new ProviderFailure(error.message, UNSURE.has(error.code) ? 2 : 0, { cause: error });
  try {
    return detailedFailure(error) ?? plain;
  } catch {
    // Details that cannot be read take nothing from the error's own words.
    return plain;
  }
}

/** @throws when the details are malformed */
function detailedFailure(error: RpcError): ProviderFailure | undefined {
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
