// The packages that local providers stand in for. Each entry loads its own code only, and each call gives a new,
// not yet configured provider: `configure` first, then the verbs (see LocalProvider in provider.ts).

import type { LocalProvider } from "./provider.ts";

export type { LocalProvider } from "./provider.ts";

export const providers: { readonly [name: string]: () => Promise<LocalProvider> } = {
  aws: async () => (await import("./aws/definition.ts")).awsProvider(),
  postgresql: async () => (await import("./postgresql/definition.ts")).postgresqlProvider(),
  random: async () => (await import("./random/definition.ts")).randomProvider(),
};
