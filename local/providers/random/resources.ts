// Every random resource type, loaded when first used.

import type { ResourceHandler } from "../handler.ts";

/** There is no service to connect to. */
export type NoSession = Record<string, never>;

export const resources: { readonly [type: string]: () => Promise<ResourceHandler<NoSession>> } = {
  "random:index/randomBytes:RandomBytes": async () => (await import("./bytes.ts")).bytes,
  "random:index/randomId:RandomId": async () => (await import("./id.ts")).id,
  "random:index/randomPassword:RandomPassword": async () => (await import("./password.ts")).password,
  "random:index/randomString:RandomString": async () => (await import("./string.ts")).string,
  "random:index/randomUuid:RandomUuid": async () => (await import("./uuid.ts")).uuid,
};
