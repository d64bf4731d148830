// The application's database on an existing PostgreSQL server, and the roles that share the work:
//   NAME_owner        owns everything, cannot log in
//   NAME_migrator     logs in and acts as the owner; only migrations and backups use it
//   NAME_application  reads and writes rows
//   NAME_readonly     reads rows
// Tables come from migrations. Row-level security decides which rows; this file only who may ask.
import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { makePassword } from "./password.ts";

const SCHEMA = "public";

/** How the administrator connects. */
export interface DatabaseServer {
  host: string;
  port: number;
  username: string;
  password: pulumi.Input<string>;
  /** Any database of the server, for the first connection. */
  database: string;
  /** Plain connections are not offered. */
  sslMode: "require" | "verify-ca" | "verify-full";
}

export interface DatabaseArgs {
  server: DatabaseServer;
  /** The CA of the server's certificate, a file on the machine that deploys. */
  certificateFile?: string;
  /** The database's name; role names begin with it. */
  databaseName: string;
  /** Raised by one, it gives every role a new password. @default 1 */
  passwordGeneration?: number;
  /** `migrations` leaves all grants on tables to the migrations. @default "automatic" */
  privileges?: "automatic" | "migrations";
  /** @default 50 */
  applicationConnections?: number;
  /** Longest statement of the application and of readers. @default 30 */
  statementTimeoutSeconds?: number;
  /** Extensions that need the administrator. @default none */
  extensions?: string[];
  /** @default false */
  disposable?: boolean;
}

/** A database with one role a purpose. Addresses are secret outputs. */
export class Database extends pulumi.ComponentResource {
  readonly databaseName: pulumi.Output<string>;
  /** For migrations and backups. */
  readonly migratorUrl: pulumi.Output<string>;
  readonly applicationUrl: pulumi.Output<string>;
  /** The role of `applicationUrl`. */
  readonly applicationRole: pulumi.Output<string>;
  readonly readonlyUrl: pulumi.Output<string>;
  /** For checks that make databases of their own, e.g. the restore drill. */
  readonly adminUrl: pulumi.Output<string>;

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Database", name, {}, opts);
    const { server, databaseName } = args;
    const provider = new postgresql.Provider(
      `${name}-postgresql`,
      {
        host: server.host,
        port: server.port,
        username: server.username,
        password: server.password,
        database: server.database,
        sslmode: server.sslMode,
        sslrootcert: args.certificateFile,
        superuser: false,
      },
      { parent: this },
    );
    const options = { parent: this, provider };
    const owner = new postgresql.Role(
      `${name}-owner`,
      { name: `${databaseName}_owner`, login: false },
      options,
    );
    const database = new postgresql.Database(
      `${name}-database`,
      { name: databaseName, owner: owner.name, encoding: "UTF8", template: "template0" },
      { ...options, protect: !args.disposable },
    );
    const statementTimeout = (args.statementTimeoutSeconds ?? 30) * 1000;
    const { passwordGeneration: generation } = args;
    const login = (purpose: string, limits: postgresql.RoleArgs): Login => {
      const password = makePassword(`${name}-${purpose}-password`, { length: 40, generation }, this);
      const role = new postgresql.Role(
        `${name}-${purpose}`,
        { name: `${databaseName}_${purpose}`, login: true, password, ...limits },
        options,
      );
      return { role, password };
    };
    const roles = {
      migrator: login("migrator", { roles: [owner.name], assumeRole: owner.name }),
      application: login("application", {
        connectionLimit: args.applicationConnections ?? 50,
        statementTimeout,
        idleInTransactionSessionTimeout: statementTimeout,
      }),
      readonly: login("readonly", { connectionLimit: 10, statementTimeout }),
    };
    let last = closeToOthers(name, server, database, options);
    for (const [purpose, { role }] of Object.entries(roles))
      last = grantAccess(`${name}-${purpose}`, database, role, options, last);
    if ((args.privileges ?? "automatic") === "automatic")
      grantFutureObjects(name, database, owner, roles, { ...options, dependsOn: last });
    for (const extension of args.extensions ?? [])
      new postgresql.Extension(
        `${name}-${extension}`,
        // Migrations may build on it; of a database that may be deleted, that is deleted with it.
        { name: extension, database: database.name, dropCascade: args.disposable ?? false },
        options,
      );

    this.databaseName = database.name;
    const administrator = {
      role: { name: pulumi.output(server.username) },
      password: pulumi.output(server.password),
    };
    this.migratorUrl = addressOf(server, database.name, roles.migrator, tlsOf(server, args.certificateFile));
    this.adminUrl = addressOf(server, database.name, administrator, tlsOf(server, args.certificateFile));
    this.applicationRole = roles.application.role.name;
    this.applicationUrl = addressOf(server, database.name, roles.application, tlsOf(server));
    this.readonlyUrl = addressOf(server, database.name, roles.readonly, tlsOf(server));
    this.registerOutputs({ databaseName: this.databaseName });
  }
}

interface Login {
  role: Pick<postgresql.Role, "name">;
  password: pulumi.Output<string>;
}

/**
 * Takes from everybody what PostgreSQL grants to everybody: connecting, temporary tables and the public schema.
 * The administrator keeps the right to connect, which a managed server's administrator has only through everybody.
 */
function closeToOthers(
  name: string,
  server: DatabaseServer,
  database: postgresql.Database,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const administrator = new postgresql.Grant(
    `${name}-administrator-connect`,
    { role: server.username, database: database.name, objectType: "database", privileges: ["CONNECT"] },
    options,
  );
  const connect = new postgresql.Grant(
    `${name}-public-connect`,
    { role: "public", database: database.name, objectType: "database", privileges: [] },
    { ...options, dependsOn: administrator },
  );
  return new postgresql.Grant(
    `${name}-public-schema`,
    { role: "public", database: database.name, schema: SCHEMA, objectType: "schema", privileges: [] },
    { ...options, dependsOn: connect },
  );
}

/** Lets a role connect and see the schema. One after the other: PostgreSQL refuses concurrent changes of one object's grants. */
function grantAccess(
  name: string,
  database: postgresql.Database,
  role: Login["role"],
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
function grantFutureObjects(
  name: string,
  database: postgresql.Database,
  owner: postgresql.Role,
  roles: { application: Login; readonly: Login },
  options: pulumi.CustomResourceOptions,
): void {
  for (const { role, objectType, privileges } of FUTURE)
    new postgresql.DefaultPrivileges(
      `${name}-${role}-${objectType}s`,
      {
        owner: owner.name,
        role: roles[role].role.name,
        database: database.name,
        schema: SCHEMA,
        objectType,
        privileges: [...privileges],
      },
      options,
    );
}

/** A connection address with TLS; secret. */
function addressOf(
  server: DatabaseServer,
  databaseName: pulumi.Input<string>,
  { role, password }: Login,
  parameters: string,
): pulumi.Output<string> {
  return pulumi.secret(
    pulumi
      .all([role.name, password, databaseName])
      .apply(
        ([username, word, database]) =>
          `postgresql://${encodeURIComponent(username)}:${encodeURIComponent(word)}@${server.host}:${server.port}/${database}?${parameters}`,
      ),
  );
}

/** The CA file is on the machine that deploys: checks use it, the application has its own way to trust the server. */
function tlsOf(server: DatabaseServer, certificateFile?: string): string {
  const file = certificateFile === undefined ? "" : `&sslrootcert=${encodeURIComponent(certificateFile)}`;
  return `sslmode=${server.sslMode}${file}`;
}
