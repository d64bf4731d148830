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
  it("has an owner that cannot log in and one login a purpose", async () => {
    await made(new Database("orders", { server, databaseName: "orders" }));
    expect(all("postgresql:index/role:Role")).toEqual(
      expect.arrayContaining([
        { name: "orders_owner", login: false },
        expect.objectContaining({
          name: "orders_migrator",
          roles: ["orders_owner"],
          assumeRole: "orders_owner",
        }),
        expect.objectContaining({
          name: "orders_application",
          connectionLimit: 50,
          statementTimeout: 30_000,
        }),
        expect.objectContaining({ name: "orders_readonly", connectionLimit: 10, statementTimeout: 30_000 }),
      ]),
    );
    expect(all("postgresql:index/role:Role")).toHaveLength(4);
    expect(inputsOf("postgresql:index/database:Database")).toMatchObject({
      name: "orders",
      owner: "orders_owner",
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
      "postgresql://orders_application:generated-orders-application-password@db.example.com:5433/orders?sslmode=verify-full",
    );
    expect(await plain(database.adminUrl)).toBe(
      "postgresql://administrator:word%2Fwith%3Fsigns@db.example.com:5433/orders?sslmode=verify-full&sslrootcert=%2Fetc%2Fca%20file.pem",
    );
    for (const url of [
      database.adminUrl,
      database.migratorUrl,
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
