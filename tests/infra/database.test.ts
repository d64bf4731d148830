import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import { Database } from "../../infra/database.ts";
import { inputsOf, made, plain, recordResources, registered } from "./support/mocks.ts";

const server = {
  host: "db.example.com",
  port: 5433,
  username: "administrator",
  password: pulumi.secret("word/with?signs"),
  database: "postgres",
  sslMode: "verify-full",
} as const;

beforeEach(recordResources);

const all = (type: string) => registered.filter((one) => one.type === type).map(({ inputs }) => inputs);

describe("Database", () => {
  it("has an owner and groups that cannot log in, and logins with limits", async () => {
    await made(new Database("orders", { server, databaseName: "orders" }));
    const roles = all("postgresql:index/role:Role").map(({ password: _, ...role }) => role);
    expect(roles.sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1))).toEqual([
      { name: "orders_application", login: false },
      {
        name: "orders_application_blue",
        login: true,
        roles: ["orders_application"],
        connectionLimit: 50,
        statementTimeout: 30_000,
        idleInTransactionSessionTimeout: 30_000,
      },
      {
        name: "orders_backup",
        login: true,
        roles: ["pg_read_all_data"],
        bypassRowLevelSecurity: false,
        connectionLimit: 5,
      },
      {
        name: "orders_migrator",
        login: true,
        roles: ["orders_owner"],
        assumeRole: "orders_owner",
        connectionLimit: 20,
      },
      { name: "orders_owner", login: false },
      { name: "orders_readonly", login: false },
      {
        name: "orders_readonly_blue",
        login: true,
        roles: ["orders_readonly"],
        connectionLimit: 10,
        statementTimeout: 30_000,
      },
    ]);
    expect(inputsOf("postgresql:index/database:Database")).toMatchObject({
      name: "orders",
      owner: "orders_owner",
    });
  });

  it.each([
    ["bypassesRowSecurity", { roles: ["pg_read_all_data"], bypassRowLevelSecurity: true }],
    ["owner", { roles: ["orders_owner"], assumeRole: "orders_owner" }],
  ] as const)("lets the backup read as %s", async (backupRole, expected) => {
    await made(new Database("orders", { server, databaseName: "orders", backupRole }));
    expect(inputsOf("postgresql:index/role:Role", "orders-backup")).toMatchObject(expected);
  });

  it("gives logins by turns, and closes the former ones without password or membership", async () => {
    const database = new Database("orders", { server, databaseName: "orders", passwordGeneration: 2 });
    database.former([new pulumi.ComponentResource("test:Release", "release")]);
    await made(database);
    expect(await plain(database.applicationUrl)).toContain("//orders_application_green:");
    expect(inputsOf("postgresql:index/role:Role", "orders-application-blue")).toEqual({
      name: "orders_application_blue",
      login: false,
    });
    expect(inputsOf("postgresql:index/role:Role", "orders-readonly-blue")).toEqual({
      name: "orders_readonly_blue",
      login: false,
    });
  });

  it("takes from everybody what everybody may by default, and keeps the administrator", async () => {
    await made(new Database("orders", { server, databaseName: "orders" }));
    const grants = all("postgresql:index/grant:Grant").map(
      ({ role, objectType, privileges }) => `${role} ${objectType} ${JSON.stringify(privileges)}`,
    );
    expect(grants.sort()).toEqual([
      'administrator database ["CONNECT"]',
      'orders_application database ["CONNECT"]',
      'orders_application schema ["USAGE"]',
      'orders_backup database ["CONNECT"]',
      'orders_backup schema ["USAGE"]',
      'orders_migrator database ["CONNECT"]',
      'orders_migrator schema ["USAGE"]',
      'orders_readonly database ["CONNECT"]',
      'orders_readonly schema ["USAGE"]',
      "public database []",
      "public schema []",
    ]);
  });

  it("lets the application write and readers read what the owner will create", async () => {
    await made(new Database("orders", { server, databaseName: "orders" }));
    const privileges = all("postgresql:index/defaultPrivileges:DefaultPrivileges").map(
      (inputs) => `${inputs.owner} ${inputs.role} ${inputs.objectType} ${inputs.privileges}`,
    );
    expect(privileges.sort()).toEqual([
      "orders_owner orders_application sequence USAGE,SELECT",
      "orders_owner orders_application table SELECT,INSERT,UPDATE,DELETE",
      "orders_owner orders_readonly sequence SELECT",
      "orders_owner orders_readonly table SELECT",
    ]);
  });

  it("leaves grants on tables to migrations where that is asked for", async () => {
    await made(new Database("orders", { server, databaseName: "orders", privileges: "migrations" }));
    expect(all("postgresql:index/defaultPrivileges:DefaultPrivileges")).toEqual([]);
  });

  it("gives addresses with TLS, escaped and secret; only those of checks name the CA file", async () => {
    const certificateFile = "/etc/ca file.pem";
    const database = await made(new Database("orders", { server, databaseName: "orders", certificateFile }));
    expect(await plain(database.applicationUrl)).toBe(
      "postgresql://orders_application_blue:generated-orders-application-blue-password@db.example.com:5433/orders?sslmode=verify-full",
    );
    expect(await plain(database.adminUrl)).toBe(
      "postgresql://administrator:word%2Fwith%3Fsigns@db.example.com:5433/orders?sslmode=verify-full&sslrootcert=%2Fetc%2Fca%20file.pem",
    );
    for (const url of [
      database.adminUrl,
      database.migratorUrl,
      database.backupUrl,
      database.applicationUrl,
      database.readonlyUrl,
    ])
      expect(await pulumi.isSecret(url)).toBe(true);
  });

  it("installs extensions as the administrator", async () => {
    await made(
      new Database("orders", { server, databaseName: "orders", extensions: ["pg_stat_statements"] }),
    );
    expect(inputsOf("postgresql:index/extension:Extension")).toMatchObject({ name: "pg_stat_statements" });
  });
});
