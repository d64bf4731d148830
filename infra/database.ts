// The application's database on an existing PostgreSQL server, and the roles that share the work:
//   NAME_owner        owns everything, cannot log in
//   NAME_migrator     logs in and acts as the owner; only migrations and checks use it
//   NAME_application  reads and writes rows; its two logins are NAME_application_blue and NAME_application_green
//   NAME_readonly     reads rows; its two logins likewise
//   NAME_backup       logs in and reads everything, writes nothing
// Tables come from migrations. Row-level security decides which rows; this file only who may ask.
import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { addressOf, type DatabaseServer, tlsOf } from "./database-address.ts";
import { closeToOthers, grantAccess, grantFutureObjects } from "./database-grants.ts";
import { type Login, type LoginArgs, LoginPair, makeLogin } from "./database-logins.ts";

export interface DatabaseArgs {
  server: DatabaseServer;
  /** The CA of the server's certificate, a file on the machine that deploys; from the program's folder. */
  certificateFile?: string;
  /** The database's name; role names begin with it. */
  databaseName: string;
  /** Raised by one, it gives every role a new password. @default 1 */
  passwordGeneration?: number;
  /** `migrations` leaves all grants on tables to the migrations. @default "automatic" */
  privileges?: "automatic" | "migrations";
  /** What the backup's role reads by. @default "reads" */
  backupRole?: "reads" | "bypassesRowSecurity" | "owner";
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
  /** For migrations and checks. */
  readonly migratorUrl: pulumi.Output<string>;
  /** For backups alone. */
  readonly backupUrl: pulumi.Output<string>;
  readonly applicationUrl: pulumi.Output<string>;
  /** The roles of the application's sessions. */
  readonly applicationLogins: pulumi.Output<string>[];
  readonly readonlyUrl: pulumi.Output<string>;
  /** For checks that make databases of their own, e.g. the restore drill. */
  readonly adminUrl: pulumi.Output<string>;
  /** For backups beside the application: that machine has its own way to trust the server. */
  readonly elsewhere: { readonly backupUrl: pulumi.Output<string>; readonly adminUrl: pulumi.Output<string> };
  readonly #pairs: LoginPair[];

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Database", name, {}, opts);
    const { server, databaseName, passwordGeneration: generation = 1 } = args;
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
    const group = (purpose: string) =>
      new postgresql.Role(
        `${name}-${purpose}`,
        { name: `${databaseName}_${purpose}`, login: false },
        options,
      );
    const owner = group("owner");
    const database = new postgresql.Database(
      `${name}-database`,
      { name: databaseName, owner: owner.name, encoding: "UTF8", template: "template0" },
      { ...options, protect: !args.disposable },
    );
    const statementTimeout = (args.statementTimeoutSeconds ?? 30) * 1000;
    const named = (purpose: string, limits: Omit<LoginArgs, "roleName" | "generation">) =>
      makeLogin(
        `${name}-${purpose}`,
        { roleName: `${databaseName}_${purpose}`, generation, ...limits },
        options,
      );
    const migrator = named("migrator", {
      roles: [owner.name],
      assumeRole: owner.name,
      connectionLimit: 20,
    });
    const backup = named("backup", { ...readsEverything(args.backupRole, owner), connectionLimit: 5 });
    const groups = { application: group("application"), readonly: group("readonly") };
    const application = new LoginPair(
      `${name}-application`,
      {
        role: groups.application,
        generation,
        connectionLimit: args.applicationConnections ?? 50,
        statementTimeout,
        idleInTransactionSessionTimeout: statementTimeout,
      },
      provider,
    );
    const readonly = new LoginPair(
      `${name}-readonly`,
      { role: groups.readonly, generation, connectionLimit: 10, statementTimeout },
      provider,
    );
    let last = closeToOthers(name, server.username, database, options);
    const roles = { migrator: migrator.role, backup: backup.role, ...groups };
    for (const [purpose, role] of Object.entries(roles))
      last = grantAccess(`${name}-${purpose}`, database, role, options, last);
    if ((args.privileges ?? "automatic") === "automatic")
      grantFutureObjects(name, database, owner, groups, { ...options, dependsOn: last });
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
    // The CA file is on the machine that deploys: checks use it, the application has its own way to trust the server.
    const here = (login: Login) =>
      addressOf(server, database.name, login, tlsOf(server, args.certificateFile));
    const elsewhere = (login: Login) => addressOf(server, database.name, login, tlsOf(server));
    this.migratorUrl = here(migrator);
    this.backupUrl = here(backup);
    this.adminUrl = here(administrator);
    this.elsewhere = { backupUrl: elsewhere(backup), adminUrl: elsewhere(administrator) };
    this.applicationLogins = application.roleNames;
    this.applicationUrl = elsewhere(application.current);
    this.readonlyUrl = elsewhere(readonly.current);
    this.#pairs = [application, readonly];
    this.registerOutputs({ databaseName: this.databaseName });
  }

  /**
   * What becomes of the logins that the last rotation left behind.
   * @param after these use the new logins: once they are there, the former ones are closed. Without any, nobody knows when
   *   that is, and the former ones stay until the next rotation.
   */
  former(after: pulumi.Resource[]): void {
    for (const pair of this.#pairs) pair.former(after);
  }
}

/** Members of pg_read_all_data read every table, and no row that a policy hides. */
function readsEverything(
  by: DatabaseArgs["backupRole"],
  owner: postgresql.Role,
): Pick<postgresql.RoleArgs, "roles" | "assumeRole" | "bypassRowLevelSecurity"> {
  if (by === "owner") return { roles: [owner.name], assumeRole: owner.name };
  return { roles: ["pg_read_all_data"], bypassRowLevelSecurity: by === "bypassesRowSecurity" };
}
