// The random provider: values made once by the system's generator and then kept in state. No service behind it.

import { packageVersion } from "../package-version.ts";
import { createProvider, type LocalProvider } from "../provider.ts";

export type NoSession = Record<string, never>;

export function randomProvider(): LocalProvider {
  return createProvider<NoSession>({
    package: "random",
    version: packageVersion("@pulumi/random"),
    config: {},
    openSession: () => ({}),
    closeSession: async () => {},
    resources: {
      "random:index/randomBytes:RandomBytes": async () => (await import("./bytes.ts")).bytes,
      "random:index/randomId:RandomId": async () => (await import("./id.ts")).id,
      "random:index/randomPassword:RandomPassword": async () => (await import("./password.ts")).password,
      "random:index/randomString:RandomString": async () => (await import("./string.ts")).string,
      "random:index/randomUuid:RandomUuid": async () => (await import("./uuid.ts")).uuid,
    },
    invokes: {},
  });
}
