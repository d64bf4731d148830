// Who may connect to the database, see its schema, and use what migrations will create in it.
import * as postgresql from "@pulumi/postgresql";
import type * as pulumi from "@pulumi/pulumi";

const SCHEMA = "public";

/**
 * Takes from everybody what PostgreSQL grants to everybody: connecting, temporary tables and the public schema.
 * The administrator keeps the right to connect, which a managed server's administrator has only through everybody.
 */
export function closeToOthers(
  name: string,
  administrator: string,
  database: postgresql.Database,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const kept = new postgresql.Grant(
    `${name}-administrator-connect`,
    { role: administrator, database: database.name, objectType: "database", privileges: ["CONNECT"] },
    options,
  );
  const connect = new postgresql.Grant(
    `${name}-public-connect`,
    { role: "public", database: database.name, objectType: "database", privileges: [] },
    { ...options, dependsOn: kept },
  );
  return new postgresql.Grant(
    `${name}-public-schema`,
    { role: "public", database: database.name, schema: SCHEMA, objectType: "schema", privileges: [] },
    { ...options, dependsOn: connect },
  );
}

/** Lets a role connect and see the schema. One after the other: PostgreSQL refuses concurrent changes of one object's grants. */
export function grantAccess(
  name: string,
  database: postgresql.Database,
  role: { name: pulumi.Output<string> },
  options: pulumi.CustomResourceOptions,
  after: pulumi.Resource,
): pulumi.Resource {
  const connect = new postgresql.Grant(
    `${name}-connect`,
    { role: role.name, database: database.name, objectType: "database", privileges: ["CONNECT"] },
    { ...options, dependsOn: after },
  );
  return new postgresql.Grant(
    `${name}-schema`,
    { role: role.name, database: database.name, schema: SCHEMA, objectType: "schema", privileges: ["USAGE"] },
    { ...options, dependsOn: connect },
  );
}

const FUTURE = [
  { role: "application", objectType: "table", privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"] },
  { role: "application", objectType: "sequence", privileges: ["USAGE", "SELECT"] },
  { role: "readonly", objectType: "table", privileges: ["SELECT"] },
  { role: "readonly", objectType: "sequence", privileges: ["SELECT"] },
] as const;

/** What the roles may do with tables and sequences that the owner will create. */
export function grantFutureObjects(
  name: string,
  database: postgresql.Database,
  owner: postgresql.Role,
  roles: { application: postgresql.Role; readonly: postgresql.Role },
  options: pulumi.CustomResourceOptions,
): void {
  for (const { role, objectType, privileges } of FUTURE)
    new postgresql.DefaultPrivileges(
      `${name}-${role}-${objectType}s`,
      {
        owner: owner.name,
        role: roles[role].name,
        database: database.name,
        schema: SCHEMA,
        objectType,
        privileges: [...privileges],
      },
      options,
    );
}
