// The postgresql provider on a real server: every type conforms, and what roles may do is what the program said.

import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { matches, verifierOf } from "../../local/providers/postgresql/password.ts";
import { conforms } from "./support/conformance.ts";
import { configured, type Deployed, Deployment, postgresqlConfiguration } from "./support/providers.ts";

const ROLE = "postgresql:index/role:Role";
const DATABASE = "postgresql:index/database:Database";
const SCHEMA = "postgresql:index/schema:Schema";
const GRANT = "postgresql:index/grant:Grant";

async function schemaOf(deployment: Deployment) {
  const role = await deployment.create(ROLE, "grantee", {});
  const database = await deployment.create(DATABASE, "place", {});
  const schema = await deployment.create(SCHEMA, "app", { database: database.outs.name, name: "app" });
  return { role: role.outs.name, database: database.outs.name, schema: schema.outs.name };
}

conforms("postgresql", [
  {
    type: ROLE,
    async program(deployment) {
      const group = await deployment.create(ROLE, "group", {});
      return {
        login: true,
        password: "first secret",
        roles: [group.outs.name],
        assumeRole: group.outs.name,
        searchPaths: ["app", "public"],
        statementTimeout: 30_000,
        validUntil: "2031-01-01T00:00:00Z",
      };
    },
    update: {
      assumeRole: undefined,
      connectionLimit: 5,
      createDatabase: true,
      password: "second secret",
      roles: [],
      searchPaths: ["public"],
      statementTimeout: 90_000,
      validUntil: "infinity",
    },
    replace: {},
  },
  {
    type: DATABASE,
    async program(deployment) {
      const owner = await deployment.create(ROLE, "owner", {});
      return { owner: owner.outs.name, template: "template0" };
    },
    update: { connectionLimit: 7 },
    replace: { encoding: "SQL_ASCII", lcCollate: "POSIX", template: "template1" },
  },
  {
    type: SCHEMA,
    async program(deployment) {
      const { database } = await schemaOf(deployment);
      const before = await deployment.create(ROLE, "before", {});
      await deployment.create(ROLE, "after", { name: "schema_owner_after" });
      return { database, owner: before.outs.name };
    },
    update: { owner: "schema_owner_after" },
    replace: { database: "other" },
  },
  {
    type: "postgresql:index/extension:Extension",
    async program(deployment) {
      const { database, schema } = await schemaOf(deployment);
      return { database, name: "citext", schema };
    },
    update: { schema: "public" },
    replace: { database: "other", name: "hstore" },
  },
  {
    type: "postgresql:index/grantRole:GrantRole",
    async program(deployment) {
      const member = await deployment.create(ROLE, "member", {});
      const group = await deployment.create(ROLE, "group", {});
      return { role: member.outs.name, grantRole: group.outs.name };
    },
    replace: { role: "other", grantRole: "other", withAdminOption: true },
  },
  {
    type: GRANT,
    name: "database",
    async program(deployment) {
      const { role, database } = await schemaOf(deployment);
      return { role, database, objectType: "database", privileges: ["CONNECT"] };
    },
    update: { privileges: ["CONNECT", "TEMPORARY"] },
    replace: { role: "other", database: "other", withGrantOption: true },
  },
  {
    type: GRANT,
    name: "schema",
    async program(deployment) {
      return { ...(await schemaOf(deployment)), objectType: "schema", privileges: ["USAGE"] };
    },
    update: { privileges: ["ALL"] },
    replace: { schema: "public", role: "other" },
  },
  {
    type: GRANT,
    name: "everybody",
    async program(deployment) {
      const { database } = await schemaOf(deployment);
      return { role: "public", database, schema: "public", objectType: "schema", privileges: [] };
    },
    update: { privileges: ["USAGE"] },
    replace: { role: "other" },
    remains: "no privileges at all is what it asks for",
  },
  {
    type: "postgresql:index/defaultPrivileges:DefaultPrivileges",
    async program(deployment) {
      const owner = await deployment.create(ROLE, "creator", {});
      const place = await schemaOf(deployment);
      return { ...place, owner: owner.outs.name, objectType: "table", privileges: ["SELECT"] };
    },
    update: { privileges: ["INSERT", "SELECT"] },
    replace: { owner: "other", schema: "public", objectType: "sequence" },
  },
]);

describe("a role that the program made", () => {
  let deployment: Deployment;
  let application: Deployed;
  let administrator: Client;
  let place: { database: unknown; schema: unknown };

  const connect = async (user: string, password: string) => {
    const { host, port } = await postgresqlConfiguration();
    const database = String(place.database);
    const client = new Client({
      host: String(host),
      port: Number(port),
      user,
      password,
      database,
      ssl: { rejectUnauthorized: false },
    });
    await client.connect();
    return client;
  };

  beforeAll(async () => {
    deployment = new Deployment(await configured("postgresql"));
    const { database, schema } = await schemaOf(deployment);
    place = { database, schema };
    application = await deployment.create(ROLE, "application", { login: true, password: "pässword 1" });
    const { username, password } = await postgresqlConfiguration();
    administrator = await connect(String(username), String(password));
    await administrator.query(
      "create table app.orders (id int primary key); insert into app.orders values (1)",
    );
    const role = application.outs.name;
    await deployment.create(GRANT, "usage", { ...place, role, objectType: "schema", privileges: ["USAGE"] });
    await deployment.create(GRANT, "read", { ...place, role, objectType: "table", privileges: ["SELECT"] });
  });

  afterAll(async () => {
    await administrator.query("drop table app.orders, app.later");
    await administrator.end();
    await deployment.remove();
    await deployment.provider.cancel();
  });

  it("logs in with its password, reads what it was granted and writes nothing", async () => {
    const client = await connect(String(application.outs.name), "pässword 1");
    expect((await client.query("select id from app.orders")).rows).toEqual([{ id: 1 }]);
    await expect(client.query("delete from app.orders")).rejects.toThrow(
      "permission denied for table orders",
    );
    await client.end();
  });

  it("shows on refresh that somebody changed its password", async () => {
    const { id, urn, outs, inputs } = application;
    await administrator.query(`alter role "${outs.name}" password 'another'`);
    const { provider } = deployment;
    const read = await provider.read(id, urn, outs, inputs);
    expect(read.props.password).toBe("");
    expect((await provider.diff(id, urn, read.props, inputs)).diffs).toEqual(["password"]);
    await provider.update(id, urn, read.props, inputs);
    const client = await connect(String(outs.name), "pässword 1");
    await client.end();
  });

  it("has a grant missing on refresh when a table was made later", async () => {
    await administrator.query("create table app.later (id int)");
    const { provider } = deployment;
    const outs = { ...place, role: application.outs.name, objectType: "table", privileges: ["SELECT"] };
    const read = await provider.read("read", `urn:pulumi:s::p::${GRANT}::read`, outs);
    expect(read.props.privileges).toEqual([]);
  });

  it("is found again by a run that follows a killed one", async () => {
    const { id, urn, inputs } = application;
    const again = await deployment.provider.create(urn, inputs);
    expect(again).toEqual({ id, outs: application.outs });
  });
});

describe("a database, role or schema", () => {
  it("takes a new name without being replaced", async () => {
    const deployment = new Deployment(await configured("postgresql"));
    const { provider } = deployment;
    const { database } = await schemaOf(deployment);
    const { id, urn, outs } = await deployment.create(SCHEMA, "old", { database });
    const { inputs } = await provider.check(urn, {}, { database, name: "new" });
    expect((await provider.diff(id, urn, outs, inputs)).replaces).toEqual([]);
    const renamed = (await provider.update(id, urn, outs, inputs)).outs;
    expect(renamed).toMatchObject({ name: "new" });
    expect(await provider.read(id, urn, renamed, inputs)).toMatchObject({ id, props: { name: "new" } });
    await provider.delete(id, urn, renamed);
    await deployment.remove();
    await provider.cancel();
  });
});

describe("passwords", () => {
  it("are sent as a verifier that PostgreSQL itself could have made", async () => {
    const verifier = await verifierOf("secret");
    expect(verifier).toMatch(/^SCRAM-SHA-256\$4096:[\w+/=]{24}\$[\w+/=]{44}:[\w+/=]{44}$/);
    expect(await matches("secret", verifier)).toBe(true);
    expect(await matches("Secret", verifier)).toBe(false);
    expect(await matches("secret", "md5d41d8cd98f00b204e9800998ecf8427e")).toBeUndefined();
  });
});

describe("a server elsewhere", () => {
  it("is refused before a connection is made", async () => {
    const { postgresqlProvider } = await import("../../local/providers/postgresql/definition.ts");
    const provider = postgresqlProvider({});
    await provider.configure({ host: "db.example.com", password: "p" });
    const urn = `urn:pulumi:s::p::${ROLE}::r`;
    const { inputs } = await provider.check(urn, {}, { login: true });
    await expect(provider.create(urn, inputs)).rejects.toThrow(
      "host is db.example.com, want loopback; the embedded engine changes nothing outside this machine; use the Pulumi CLI",
    );
  });

  it.each([
    [{ objectType: "table", privileges: ["CONNECT"] }, "privileges must be of SELECT"],
    [{ objectType: "table", privileges: ["SELECT"], schema: undefined }, "schema must be given"],
    [{ objectType: "schema", privileges: ["USAGE"], objects: ["t"] }, "objects must be empty"],
  ])("is not needed to refuse a grant of %o", async (change, reason) => {
    const { postgresqlProvider } = await import("../../local/providers/postgresql/definition.ts");
    const grant = { database: "d", role: "r", schema: "s", ...change };
    const { failures } = await postgresqlProvider({}).check(`urn:pulumi:s::p::${GRANT}::g`, {}, grant);
    expect(failures?.[0]?.reason).toContain(reason);
  });
});
