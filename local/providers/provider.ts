// One local provider: the SDK's Provider interface over a table of resource handlers. Knows the order in which a
// handler's verbs are called and what goes into state; knows nothing of any service.

import type {
  CheckResult,
  CreateResult,
  Provider,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/provider/index.js";
import { checkInputs, DEFAULTS } from "./check.ts";
import { diffProperties, type LocalDiffResult } from "./diff.ts";
import { explained, naming, partlyDone, secretsOf, subjectOf } from "./failure.ts";
import type { Invoke, LocalInvokeResult, ResourceHandler } from "./handler.ts";
import { createOrAdopt, inputsFrom, outputsOf, settle } from "./lifecycle.ts";
import type { Properties } from "./schema.ts";
import { nameOf, typeOf } from "./urn.ts";

type Values = Record<string, unknown>;

/**
 * The SDK's Provider with what the plugin protocol has beyond it. Values are plain: secrets unwrapped, unknowns as
 * Pulumi's unknown text (in check and diff only).
 */
export interface LocalProvider extends Provider {
  readonly version: string;
  /** Verifies the provider's own configuration. @param news bare names, e.g. `region` */
  checkConfig(urn: string, olds: Values, news: Values): Promise<CheckResult>;
  /** Must precede create, read, update, delete and invoke. @throws when it would reach beyond this machine */
  configure(config: Values): Promise<void>;
  check(urn: string, olds: Values, news: Values, randomSeed?: Uint8Array): Promise<CheckResult>;
  /** @param olds outputs of the existing resource */
  diff(
    id: string,
    urn: string,
    olds: Values,
    news: Values,
    ignoreChanges?: readonly string[],
  ): Promise<LocalDiffResult>;
  create(urn: string, inputs: Values): Promise<CreateResult>;
  /** @param inputs last inputs, when known: the reply's `inputs` then keep their form where nothing drifted */
  read(id: string, urn: string, props?: Values, inputs?: Values): Promise<ReadResult>;
  update(id: string, urn: string, olds: Values, news: Values): Promise<UpdateResult>;
  delete(id: string, urn: string, props: Values): Promise<void>;
  invoke(token: string, args: Values): Promise<LocalInvokeResult>;
  /** Closes connections. */
  cancel(): Promise<void>;
}

export interface ProviderDefinition<Session> {
  package: string;
  version: string;
  /** Properties of the provider resource itself. */
  config: Properties;
  /** Opens no connection. @throws when the configuration would reach beyond this machine */
  openSession(config: Values): Session;
  /** The session for one resource, e.g. in the region it names. */
  sessionFor?(session: Session, values: Values): Session;
  closeSession(session: Session): Promise<void>;
  resources: { readonly [type: string]: () => Promise<ResourceHandler<Session>> };
  invokes: { readonly [token: string]: () => Promise<Invoke<Session>> };
  /** Last touch on program-given inputs before check, e.g. default tags. */
  prepare?(session: Session | undefined, handler: ResourceHandler<Session>, news: Values): Values;
}

/** Configuration every provider resource may carry and none of ours interprets. */
const ENGINE_CONFIG = new Set(["version", "pluginDownloadURL", "parameterization"]);

export function createProvider<Session>(definition: ProviderDefinition<Session>): LocalProvider {
  let session: Session | undefined;

  const handlerOf = async (urn: string): Promise<ResourceHandler<Session>> => {
    const type = typeOf(urn);
    const load = definition.resources[type];
    if (!load) throw new Error(`${type}: resource type is not supported by the local provider`);
    return load();
  };
  const sessionOf = (values: Values): Session => {
    if (session === undefined) throw new Error(`provider "${definition.package}": not configured`);
    return definition.sessionFor?.(session, values) ?? session;
  };
  const checkOwnConfig = (news: Values) => {
    const known = Object.fromEntries(Object.entries(news).filter(([key]) => !ENGINE_CONFIG.has(key)));
    return checkInputs({
      type: `pulumi:providers:${definition.package}`,
      logicalName: definition.package,
      properties: definition.config,
      olds: {},
      news: parseConfig(definition.config, known),
    });
  };

  return {
    version: definition.version,

    async checkConfig(_urn, _olds, news) {
      const { failures } = checkOwnConfig(news);
      return { inputs: news, failures };
    },

    async configure(config) {
      const { inputs, failures } = checkOwnConfig(config);
      if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
      session = definition.openSession(inputs);
    },

    async check(urn, olds, news, randomSeed) {
      const handler = await handlerOf(urn);
      const prepared = definition.prepare?.(session, handler, news) ?? news;
      const { inputs, failures } = checkInputs({
        type: typeOf(urn),
        logicalName: nameOf(urn),
        properties: handler.inputs,
        olds,
        news: prepared,
        randomSeed,
      });
      if (failures.length > 0) return { inputs, failures };
      return { inputs, failures: handler.validate?.(inputs) ?? [] };
    },

    async diff(_id, urn, olds, news, ignoreChanges) {
      const handler = await handlerOf(urn);
      const result = diffProperties(handler.inputs, olds, news, ignoreChanges);
      return { ...result, stables: [...(handler.stables ?? [])] };
    },

    async create(urn, inputs) {
      const handler = await handlerOf(urn);
      const desired = withoutDefaultsKey(inputs);
      const own = sessionOf(desired);
      const secrets = secretsOf(handler, desired);
      const made = await naming(subjectOf(urn, nameOf(urn)), secrets, () =>
        createOrAdopt(handler, desired, own),
      );
      const { id, recorded } = made;
      try {
        return { id, outs: await settle(handler, id, desired, own, recorded) };
      } catch (cause) {
        throw partlyDone(explained(subjectOf(urn, id), secrets, cause), id, { ...desired, ...recorded });
      }
    },

    async update(id, urn, olds, news) {
      const handler = await handlerOf(urn);
      const desired = withoutDefaultsKey(news);
      const own = sessionOf(desired);
      try {
        return { outs: await settle(handler, id, desired, own, olds) };
      } catch (cause) {
        const live = await handler.observe(id, olds, own).catch(() => undefined);
        const secrets = secretsOf(handler, olds, desired);
        throw partlyDone(
          explained(subjectOf(urn, id), secrets, cause),
          id,
          live ? outputsOf(handler, live, olds) : olds,
        );
      }
    },

    async read(id, urn, props = {}, inputs) {
      const handler = await handlerOf(urn);
      const observed = await naming(subjectOf(urn, id), secretsOf(handler, props), () =>
        handler.observe(id, props, sessionOf(props)),
      );
      if (observed === undefined) return { id: "", props: {} };
      const live = outputsOf(handler, observed, props);
      return { id, props: live, inputs: inputsFrom(handler, live, inputs) };
    },

    async delete(id, urn, props) {
      const handler = await handlerOf(urn);
      await naming(subjectOf(urn, id), secretsOf(handler, props), () =>
        handler.delete(id, props, sessionOf(props)),
      );
    },

    async invoke(token, args) {
      const load = definition.invokes[token];
      if (!load) throw new Error(`${token}: function is not supported by the local provider`);
      const { inputs: properties, run } = await load();
      const { inputs, failures } = checkInputs({
        type: token,
        logicalName: token,
        properties,
        olds: {},
        news: args,
      });
      if (failures.length > 0) return { outputs: {}, failures };
      const values = withoutDefaultsKey(inputs);
      return naming(token, [], () => run(values, sessionOf(values)));
    },

    async cancel() {
      if (session !== undefined) await definition.closeSession(session);
    },
  };
}

/** Non-text configuration travels as JSON text. */
function parseConfig(properties: Properties, config: Values): Values {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      const structured = ["object", "list", "set", "map"].includes(properties[key]?.kind ?? "text");
      return [key, structured && typeof value === "string" ? parsed(value) : value];
    }),
  );
}

/** Text that is no JSON stays, for check to refuse; so does an unknown value, for check to pass. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function withoutDefaultsKey(inputs: Values): Values {
  return Object.fromEntries(Object.entries(inputs).filter(([key]) => key !== DEFAULTS));
}
