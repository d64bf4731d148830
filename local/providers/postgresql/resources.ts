// Every postgresql resource type that has a handler, loaded when first used.

import type { ResourceHandler } from "../handler.ts";
import type { PostgresqlSession } from "./session.ts";

export const resources: { readonly [type: string]: () => Promise<ResourceHandler<PostgresqlSession>> } = {
  "postgresql:index/database:Database": async () => (await import("./database.ts")).database,
  "postgresql:index/defaultPrivileges:DefaultPrivileges": async () =>
    (await import("./default-privileges.ts")).defaultPrivileges,
  "postgresql:index/extension:Extension": async () => (await import("./extension.ts")).extension,
  "postgresql:index/grant:Grant": async () => (await import("./grant.ts")).grant,
  "postgresql:index/grantRole:GrantRole": async () => (await import("./grant-role.ts")).grantRole,
  "postgresql:index/role:Role": async () => (await import("./role.ts")).role,
  "postgresql:index/schema:Schema": async () => (await import("./schema.ts")).schema,
};
