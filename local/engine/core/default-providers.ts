// The providers that programs do not name: registered at first need, one for each package, version and download
// address, configured from the stack's configuration.
import type { DeploymentRequest, PropertyMap, Value } from "../types.ts";
import type { Goal, RegisterResult } from "./goal.ts";
import { DYNAMIC } from "./plugin-host.ts";
import { makeProviderReference, providerType } from "./urn.ts";
import { makeSecret } from "./values.ts";

export interface ProviderRequest {
  pkg: string;
  version: string;
  downloadUrl: string;
}

export class DefaultProviders {
  readonly #request: DeploymentRequest;
  readonly #register: (goal: Goal) => Promise<RegisterResult>;
  readonly #references = new Map<string, Promise<string>>();

  constructor(request: DeploymentRequest, register: (goal: Goal) => Promise<RegisterResult>) {
    this.#request = request;
    this.#register = register;
  }

  /** The reference of a package's default provider. @throws when configuration forbids it */
  get(request: ProviderRequest): Promise<string> {
    const key = JSON.stringify(request);
    const known = this.#references.get(key);
    if (known) return known;
    const reference = this.#make(request);
    this.#references.set(key, reference);
    return reference;
  }

  async #make(request: ProviderRequest): Promise<string> {
    if (request.pkg !== "pulumi" && this.#forbidden(request.pkg)) {
      throw new Error(
        `Default provider for '${request.pkg}' disabled. It must be specified as an explicit provider ` +
          "(pulumi:disable-default-providers)",
      );
    }
    const { state } = await this.#register(defaultProviderGoal(request, this.#request.config));
    return makeProviderReference(state.urn, state.id ?? "");
  }

  #forbidden(pkg: string): boolean {
    const text = this.#request.config.get("pulumi:disable-default-providers")?.value;
    if (!text) return false;
    const names: unknown = JSON.parse(text);
    if (!Array.isArray(names))
      throw new Error("pulumi:disable-default-providers must be a JSON array of strings");
    return names.some((name) => name === "*" || name === pkg);
  }
}

/** The provider resource that a package gets when the program names none. */
export function defaultProviderGoal(request: ProviderRequest, config: DeploymentRequest["config"]): Goal {
  const { pkg, version, downloadUrl } = request;
  const properties = configurationOf(pkg, config);
  if (version) properties.version = version;
  if (version || downloadUrl) {
    properties.__internal = downloadUrl ? { pluginDownloadURL: downloadUrl } : {};
  }
  const parts = ["default", version, downloadUrl]
    .filter(Boolean)
    .map((part) => part.replace(/[^A-Za-z0-9]/g, "_"));
  return {
    type: providerType(pkg),
    name: parts.join("_"),
    custom: true,
    properties,
    dependencies: [],
    propertyDependencies: {},
    ignoreChanges: [],
    additionalSecretOutputs: [],
    aliases: [],
    replaceOnChanges: [],
    replaceWith: [],
    hideDiff: [],
  };
}

/** A package's own configuration without its namespace; the dynamic provider gets all of it, with namespaces. */
function configurationOf(pkg: string, config: DeploymentRequest["config"]): PropertyMap {
  const properties: PropertyMap = {};
  for (const [key, { value, secret }] of config) {
    const wire: Value = secret ? makeSecret(value) : value;
    if (pkg === DYNAMIC) properties[key] = wire;
    else if (key.startsWith(`${pkg}:`)) properties[key.slice(pkg.length + 1)] = wire;
  }
  return properties;
}
