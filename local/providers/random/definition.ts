// The random provider: values made once by the system's generator and then kept in state. No service behind it.

import { packageVersion } from "../package-version.ts";
import { createProvider, type LocalProvider } from "../provider.ts";
import { type NoSession, resources } from "./resources.ts";

export function randomProvider(): LocalProvider {
  return createProvider<NoSession>({
    package: "random",
    version: packageVersion("@pulumi/random"),
    config: {},
    openSession: () => ({}),
    closeSession: async () => {},
    resources,
    invokes: {},
  });
}
