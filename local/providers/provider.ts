// One local provider: the SDK's Provider interface over a table of resource handlers. Knows the order in which a
// handler's verbs are called and what goes into state; knows nothing of any service.

import type {
  CheckResult,
  CreateResult,
  InvokeResult,
  Provider,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/provider/index.js";
import { checkInputs, DEFAULTS } from "./check.ts";
import { diffProperties, type LocalDiffResult, satisfied } from "./diff.ts";
import type { Known, ResourceHandler } from "./handler.ts";
import type { Properties } from "./schema.ts";
import { defined, isEmpty } from "./values.ts";

type Values = Record<string, unknown>;

export interface LocalInvokeResult extends InvokeResult {
  /** True when the answer needs a service that is not configured: outputs are unknown, as in a preview. */
  readonly unknown?: boolean;
}

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

/** A data source. */
export interface Invoke<Session> {
  readonly inputs: Properties;
  run(args: Values, session: Session): Promise<LocalInvokeResult>;
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
      const made = await naming(urn, nameOf(urn), secrets, () => createOrAdopt(handler, desired, own));
      const { id, recorded } = made;
      try {
        return { id, outs: await settle(handler, id, desired, own, recorded) };
      } catch (cause) {
        throw partlyDone(explained(urn, id, secrets, cause), id, { ...desired, ...recorded });
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
          explained(urn, id, secrets, cause),
          id,
          live ? outputsOf(handler, live, olds) : olds,
        );
      }
    },

    async read(id, urn, props = {}, inputs) {
      const handler = await handlerOf(urn);
      const observed = await naming(urn, id, secretsOf(handler, props), () =>
        handler.observe(id, props, sessionOf(props)),
      );
      if (observed === undefined) return { id: "", props: {} };
      const live = outputsOf(handler, observed, props);
      return { id, props: live, inputs: inputsFrom(handler, live, inputs) };
    },

    async delete(id, urn, props) {
      const handler = await handlerOf(urn);
      await naming(urn, id, secretsOf(handler, props), () => handler.delete(id, props, sessionOf(props)));
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
      return run(values, sessionOf(values));
    },

    async cancel() {
      if (session !== undefined) await definition.closeSession(session);
    },
  };
}

/** Runs one verb; a failure names the resource. */
async function naming<T>(urn: string, id: string, secrets: string[], verb: () => Promise<T>): Promise<T> {
  try {
    return await verb();
  } catch (cause) {
    throw explained(urn, id, secrets, cause);
  }
}

/** A run that was killed may have left the resource behind: where its id follows from the inputs it is found again. */
async function createOrAdopt<Session>(
  handler: ResourceHandler<Session>,
  desired: Values,
  session: Session,
): Promise<{ id: string; recorded: Values }> {
  const known = await handler.identify?.(desired, session);
  if (known !== undefined && (await handler.observe(known, desired, session))) {
    return { id: known, recorded: {} };
  }
  const made = await handler.create(desired, session);
  const { id, once } = typeof made === "string" ? { id: made, once: {} } : made;
  return { id, recorded: { ...desired, ...once } };
}

/**
 * Observes, changes what differs from `desired`, and returns what is there afterwards.
 * @param recorded what is known of the resource as it is now
 */
async function settle<Session>(
  handler: ResourceHandler<Session>,
  id: string,
  desired: Values,
  session: Session,
  recorded: Values,
): Promise<Values> {
  const known = { ...keptOf(handler.outputs, recorded), ...desired };
  const before = await handler.observe(id, recorded, session);
  if (before === undefined) throw new Error("not found, want it to exist; run refresh, then up again");
  const existing = outputsOf(handler, before, recorded);
  if (!handler.sync || !diffProperties(handler.inputs, existing, desired).changes) {
    return outputsOf(handler, before, known);
  }
  await handler.sync(id, desired, existing, session);
  const after = await handler.observe(id, known, session);
  if (after === undefined) throw new Error("gone right after it was changed, want it to exist");
  return outputsOf(handler, after, known);
}

/** What goes into state: everything observed, and of the rest what the service never tells back. */
function outputsOf<Session>(
  handler: ResourceHandler<Session>,
  observed: Known<Properties, Properties>,
  known: Values,
): Values {
  return defined({ ...keptOf(handler.inputs, known), ...keptOf(handler.outputs, known), ...observed });
}

function keptOf(properties: Properties, known: Values): Values {
  const kept = Object.entries(properties).filter(([, property]) => property.kept);
  return Object.fromEntries(kept.map(([key]) => [key, known[key]]));
}

/** The inputs that would lead to the live resource: the old ones where nothing drifted. */
function inputsFrom<Session>(handler: ResourceHandler<Session>, live: Values, inputs?: Values): Values {
  const found: Values = inputs?.[DEFAULTS] === undefined ? {} : { [DEFAULTS]: inputs[DEFAULTS] };
  for (const [key, property] of Object.entries(handler.inputs)) {
    const before = inputs?.[key];
    if (before !== undefined && satisfied(property, live[key], before)) found[key] = before;
    else if (live[key] === undefined) continue;
    else if (before !== undefined || (!property.computed && !isEmpty(live[key]))) found[key] = live[key];
  }
  return found;
}

/** A failure after the resource came to exist: id and properties keep it in state, so that the next run repairs it. */
function partlyDone(failure: Error, id: string, properties: Values): Error {
  return Object.assign(failure, { id, properties, reasons: [failure.message] });
}

/**
 * The engine sees nothing but the message: it names resource and the service's own error code, in one line.
 * @param secrets values that a service may have repeated in its answer
 */
function explained(urn: string, id: string, secrets: string[], cause: unknown): Error {
  const { name, message, code } = errorFacts(cause);
  const kind = code ?? (/^(Aggregate)?Error$/i.test(name) ? undefined : name);
  const words = [kind, message.replaceAll(/\s+/g, " ")].filter(Boolean).join(": ");
  const told = secrets.reduce((text, secret) => text.replaceAll(secret, "[secret]"), words);
  return new Error(`${typeOf(urn)} "${id}": ${told}`);
}

function secretsOf<Session>(handler: ResourceHandler<Session>, ...known: Values[]): string[] {
  const properties = Object.entries({ ...handler.inputs, ...handler.outputs });
  const names = properties.filter(([, { secret }]) => secret).map(([name]) => name);
  const values = known.flatMap((one) => names.map((name) => one[name]));
  return values.filter((value) => typeof value === "string" && value.length > 3).map(String);
}

function errorFacts(cause: unknown): { name: string; message: string; code?: string } {
  if (!(cause instanceof Error)) return { name: "Error", message: String(cause) };
  const { name, message } = cause;
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
  return code === undefined ? { name, message } : { name, message, code };
}

/** Non-text configuration travels as JSON text. */
function parseConfig(properties: Properties, config: Values): Values {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      const structured = ["object", "list", "set", "map"].includes(properties[key]?.kind ?? "text");
      return [key, structured && typeof value === "string" ? JSON.parse(value) : value];
    }),
  );
}

function withoutDefaultsKey(inputs: Values): Values {
  return Object.fromEntries(Object.entries(inputs).filter(([key]) => key !== DEFAULTS));
}

/** @param urn `urn:pulumi:<stack>::<project>::<parent types$>type::<name>` */
export function typeOf(urn: string): string {
  const qualified = urn.split("::")[2] ?? "";
  return qualified.slice(qualified.lastIndexOf("$") + 1);
}

/** The logical name, which may itself hold `::`. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
