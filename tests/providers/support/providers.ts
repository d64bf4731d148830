// Local providers connected to the shared services of the test run, and resources made and removed through them.

import { awsProvider } from "../../../local/providers/aws/definition.ts";
import { providers } from "../../../local/providers/index.ts";
import type { LocalProvider } from "../../../local/providers/provider.ts";
import { servicesEnvironment } from "../../../local/services/services.ts";
import { sharedServices } from "../../support/services.ts";

export type Values = Record<string, unknown>;

/** A configured provider of a package: `aws`, `postgresql` or `random`. */
export async function configured(name: string): Promise<LocalProvider> {
  const provider = name === "aws" ? awsProvider(await environment()) : await providers[name]?.();
  if (!provider) throw new Error(`no local provider "${name}"`);
  await provider.configure(name === "postgresql" ? await postgresqlConfiguration() : {});
  return provider;
}

/** The variables that name the shared services. */
export async function environment(): Promise<Record<string, string>> {
  return servicesEnvironment(await sharedServices());
}

/** How the shared PostgreSQL server is reached, as provider configuration. */
export async function postgresqlConfiguration(): Promise<Values> {
  const { GREENLIGHT_DATABASE_URL = "", PGSSLROOTCERT } = await environment();
  const url = new URL(GREENLIGHT_DATABASE_URL);
  return {
    host: url.hostname,
    port: Number(url.port),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
    sslmode: "verify-full",
    sslrootcert: PGSSLROOTCERT,
  };
}

export function urnOf(type: string, name: string): string {
  return `urn:pulumi:test::providers::${type}::${name}`;
}

/** A resource that exists. */
export interface Deployed {
  id: string;
  urn: string;
  inputs: Values;
  outs: Values;
}

/** What a test needs to exist before its own resource; removed in reverse order at its end. */
export class Deployment {
  readonly provider: LocalProvider;
  #made: Deployed[] = [];

  constructor(provider: LocalProvider) {
    this.provider = provider;
  }

  async create(type: string, name: string, program: Values): Promise<Deployed> {
    const urn = urnOf(type, name);
    const inputs = await checked(this.provider, urn, {}, program);
    const { id, outs } = await this.provider.create(urn, inputs);
    const deployed = { id, urn, inputs, outs };
    this.#made.push(deployed);
    return deployed;
  }

  async remove(): Promise<void> {
    for (const { id, urn, outs } of this.#made.reverse()) await this.provider.delete(id, urn, outs);
    this.#made = [];
  }
}

/** The checked inputs. @throws with the reasons when check refuses them */
export async function checked(
  provider: LocalProvider,
  urn: string,
  olds: Values,
  news: Values,
): Promise<Values> {
  const { inputs, failures = [] } = await provider.check(urn, olds, news);
  if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
  return inputs;
}
