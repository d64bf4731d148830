// Providers of this repository, called in process. They see plain values and no secrets, as a plugin does that accepts
// none; their failures carry `id`, `properties`, `reasons` when an object exists but did not become ready.
import type { LocalProvider } from "../../providers/index.ts";
import type { PropertyMap, Value } from "../types.ts";
import { InitFailure, type Plugin, ProviderFailure } from "./plugin.ts";
import type { DetailedDiff, Diff } from "./property-diff.ts";
import { mapWithoutSecrets } from "./values.ts";

/** The provider of a package; undefined when this repository has none. */
export async function localProvider(pkg: string): Promise<LocalProvider | undefined> {
  const { providers } = await import("../../providers/index.ts");
  return Object.hasOwn(providers, pkg) ? await providers[pkg]?.() : undefined;
}

export function localPlugin(provider: LocalProvider): Plugin {
  return {
    async checkConfig({ urn }, olds, news) {
      const reply = await attempt(() =>
        provider.checkConfig(urn, mapWithoutSecrets(olds), mapWithoutSecrets(news)),
      );
      return { inputs: plainMap(reply.inputs ?? news), failures: reply.failures ?? [] };
    },

    async diffConfig() {
      return undefined;
    },

    async configure(_call, inputs) {
      await attempt(() => provider.configure(mapWithoutSecrets(inputs)), 0);
      return { acceptSecrets: false, acceptResources: false, supportsPreview: false };
    },

    async check({ urn }, olds, news, randomSeed) {
      const reply = await attempt(() => provider.check(urn, olds, news, randomSeed));
      return { inputs: plainMap(reply.inputs ?? news), failures: reply.failures ?? [] };
    },

    async diff({ urn, id, ignoreChanges }, _oldInputs, oldOutputs, news): Promise<Diff> {
      const reply = await attempt(() => provider.diff(id, urn, oldOutputs, news, ignoreChanges));
      const detailedDiff: DetailedDiff = {};
      for (const [path, { kind, inputDiff }] of Object.entries(reply.detailedDiff)) {
        detailedDiff[path] = { diffKind: kind, inputDiff };
      }
      return {
        changes: reply.changes === undefined ? "unknown" : reply.changes ? "some" : "none",
        replaceKeys: reply.replaces ?? [],
        changedKeys: reply.diffs,
        detailedDiff,
        deleteBeforeReplace: reply.deleteBeforeReplace === true,
      };
    },

    async create({ urn }, inputs) {
      const reply = await attempt(() => wanted(provider, "create")(urn, inputs), 0);
      return { id: reply.id, outputs: plainMap(reply.outs) };
    },

    async update({ urn, id }, _oldInputs, oldOutputs, news) {
      return plainMap((await attempt(() => provider.update(id, urn, oldOutputs, news))).outs);
    },

    async read({ urn, id }, inputs, outputs) {
      const reply = await attempt(() => provider.read(id, urn, outputs, inputs));
      const gone = !reply.id;
      return {
        id: reply.id ?? "",
        outputs: gone ? undefined : plainMap(reply.props),
        inputs: reply.inputs === undefined ? undefined : plainMap(reply.inputs),
      };
    },

    async delete({ urn, id }, _inputs, outputs) {
      await attempt(() => provider.delete(id, urn, outputs));
    },

    async invoke(token, args) {
      const reply = await attempt(() => provider.invoke(token, args), 0);
      return {
        outputs: plainMap(reply.outputs),
        failures: reply.failures ?? [],
        unknown: reply.unknown === true,
      };
    },

    async cancel() {
      // An operation under way ends by its own deadline; connections close with the provider.
    },

    async close() {
      await provider.cancel();
    },
  };
}

function wanted<Key extends keyof LocalProvider>(
  provider: LocalProvider,
  verb: Key,
): NonNullable<LocalProvider[Key]> {
  const method = provider[verb];
  if (!method) throw new ProviderFailure(`provider has no ${verb}`, 0);
  return method;
}

async function attempt<Reply>(call: () => Promise<Reply>, status: 0 | 2 = 2): Promise<Reply> {
  try {
    return await call();
  } catch (error) {
    throw failureOf(error, status);
  }
}

function failureOf(error: unknown, status: 0 | 2): ProviderFailure {
  if (error instanceof ProviderFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && "id" in error && typeof error.id === "string" && error.id !== "") {
    const properties = "properties" in error ? plainMap(error.properties) : {};
    const reasons =
      "reasons" in error && Array.isArray(error.reasons) ? error.reasons.map(String) : [message];
    return new InitFailure(error.id, properties, undefined, reasons);
  }
  return new ProviderFailure(message, status, { cause: error });
}

/** JSON values of what a handler returned: undefined entries left out, dates and the like as JSON has them. */
function plainMap(value: unknown): PropertyMap {
  const plain = plainValue(value);
  return typeof plain === "object" && plain !== null && !Array.isArray(plain) ? plain : {};
}

function plainValue(value: unknown): Value | undefined {
  if (
    value === null ||
    typeof value === "boolean" ||
    typeof value === "number" ||
    typeof value === "string"
  ) {
    return value;
  }
  if (Array.isArray(value)) return value.map((element) => plainValue(element) ?? null);
  if (typeof value !== "object") return undefined;
  if ("toJSON" in value && typeof value.toJSON === "function") return plainValue(value.toJSON());
  const map: PropertyMap = {};
  for (const [key, inner] of Object.entries(value)) {
    const plain = plainValue(inner);
    if (plain !== undefined) map[key] = plain;
  }
  return map;
}
