import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { sections } from "../../infra/settings/sections.ts";
import { readSettings } from "../../infra/settings.ts";
import { EXAMPLES, faultsOf, MINIMAL, SCHEMAS, sectionFaults } from "./support/faults.ts";
import { sourceOf } from "./support/source.ts";

describe("settings", () => {
  it("fill in defaults and freeze what they read", () => {
    const settings = readSettings(sourceOf(MINIMAL));
    expect(settings).toMatchObject({
      region: "us-east-1",
      stack: "test",
      directory: expect.stringMatching(/fixtures\/project$/),
      system: { name: "orders", disposable: false },
    });
    expect(Object.isFrozen(settings.system)).toBe(true);
    expect(settings.backup).toBeUndefined();
  });

  it("take days and times that Pulumi read from a file without quotes", () => {
    const [waiver] = [
      { observation: "version", reason: "known", person: "Ada", expires: "2026-03-01 00:00:00 +0000 UTC" },
    ];
    const undo = {
      record: "record.json",
      to: "records/orders/production/2026-05-04T09-12-33-120Z-0a1b2c.json",
      startedAt: "2026-05-04 12:00:00.5 +0200 +0200",
    };
    const config = { "aws:region": "us-east-1", ...EXAMPLES, "greenlight:undo": undo };
    const health = { ...exampleOf("health"), waivers: [waiver] };
    const read = readSettings(sourceOf(stringify({ config: { ...config, "greenlight:health": health } })));
    expect(read.undo?.startedAt).toBe("2026-05-04T10:00:00.500Z");
    expect(read.health?.waivers?.[0]?.expires).toBe("2026-03-01");
  });

  it("report every fault at once, each with file, line, path, what was found, what is allowed and what to do", () => {
    const text = `config:
  aws:region: nowhere
  greenlight:system:
    name: Orders
  greenlight:datbase: {}
  greenlight:release:
    version: 1.0.0
    instances: 0
    comand: [npm]
`;
    expect(faultsOf(text)).toEqual([
      "  Pulumi.test.yaml:2: aws:region: nowhere, want an AWS region; write, for example, us-east-1",
      '  Pulumi.test.yaml:4: greenlight:system.name: "Orders", want a text matching ^[a-z][a-z0-9-]{1,28}[a-z0-9]$; write, for example, "orders"',
      expect.stringMatching(
        /^ {2}Pulumi\.test\.yaml:5: greenlight:datbase: a section that does not exist, want one of system, .*; did you mean greenlight:database\?$/,
      ),
      "  Pulumi.test.yaml:8: greenlight:release.instances: 0, want a whole number from 1 to 100 (instances); correct it, or remove it for the default 1",
      expect.stringMatching(
        /^ {2}Pulumi\.test\.yaml:9: greenlight:release\.comand: a setting that does not exist, .*; did you mean command\?$/,
      ),
    ]);
  });

  it("name a section that is missing and one that another needs", () => {
    expect(faultsOf("config:\n  aws:region: us-east-1\n")).toEqual([
      "  Pulumi.test.yaml:1: greenlight:system: nothing, want settings; add greenlight:system",
    ]);
    expect(faultsOf(`${MINIMAL}  greenlight:migration: { directory: migrations }\n`)).toEqual([
      "  Pulumi.test.yaml:5: greenlight:migration: no section greenlight:database, want one, since that is what is migrated; add greenlight:database",
    ]);
  });

  it("ask for the account as soon as something is encrypted with its keys", () => {
    expect(faultsOf(`${MINIMAL}  greenlight:logs: {}\n`)).toEqual([
      expect.stringContaining(
        "greenlight:system.awsAccountId: nothing, want the 12 digits of the AWS account",
      ),
    ]);
  });

  it("refuse to provide the application with something that the stack does not make", () => {
    const text = `${MINIMAL}    awsAccountId: "123456789012"
  greenlight:application:
    provided: { REDIS_URL: cacheUrl }
`;
    expect(faultsOf(text)).toEqual([
      "  Pulumi.test.yaml:7: greenlight:application.provided.REDIS_URL: no section greenlight:cache, want one, since cacheUrl comes from it; add greenlight:cache",
    ]);
  });

  it("refuse a variable that stands in two groups", () => {
    const value = { environment: { A: "1" }, secrets: { A: "2" } };
    expect(sectionFaults("application", value).join()).toContain(
      "each variable in one group only, but A stands in several",
    );
  });

  it.each(Object.keys(sections()))("accept the documented example of %s", (name) => {
    expect(sectionFaults(name, exampleOf(name))).toEqual([]);
  });

  it.each([
    [
      { kind: "gauge", family: "jobs", labls: {} },
      /labls: a setting that does not exist, want one of kind, family.*; did you mean labels\?$/,
    ],
    [{ kind: "gauge", famly: "jobs" }, /family: nothing, want a text matching \^\[a-zA-Z_:\]/],
    [
      { kind: "gaug", family: "jobs" },
      /kind: "gaug", want "gauge" or "increase" or .*"logErrors"; correct it$/,
    ],
  ])("name what was meant also where one setting says which others there are: %o", (memory, fault) => {
    expect(sectionFaults("agent", { sources: { memory } })[0]).toMatch(fault);
  });

  it("refuse a text where settings are expected", () => {
    expect(faultsOf(`${MINIMAL}  greenlight:database: postgres\n`).join()).toContain(
      'greenlight:database: "postgres", want settings (',
    );
  });

  it("read the files that they point to, and report their faults with file and line", () => {
    const withFile = (file: string) =>
      stringify({ config: { "aws:region": "us-east-1", ...EXAMPLES, "greenlight:schema": { file } } });
    expect(readSettings(sourceOf(withFile("schema.yaml"))).expected.schema?.tables).toMatchObject([
      "orders",
      { name: "customers", rowSecurity: "enabled" },
    ]);
    expect(faultsOf(withFile("wrong.yaml"))).toEqual([
      expect.stringMatching(/^ {2}wrong\.yaml:3: .*customers|^ {2}wrong\.yaml:[34]: /),
    ]);
    expect(faultsOf(withFile("broken.yaml"))).toEqual([
      expect.stringMatching(/^ {2}broken\.yaml:\d: schema: .*, want YAML; correct it$/),
    ]);
    expect(faultsOf(withFile("absent.yaml"))).toEqual([
      expect.stringContaining("greenlight:schema.file: no file absent.yaml, want one; correct the path"),
    ]);
    expect(faultsOf(withFile("../project"))).toEqual([
      expect.stringContaining("greenlight:schema.file: a folder and no file ../project, want one"),
    ]);
  });

  it("read a file that lies elsewhere than in the project, by its whole path", () => {
    const { directory } = sourceOf(MINIMAL);
    const elsewhere = { directory: fileURLToPath(new URL("fixtures/complete", import.meta.url)) };
    const withFile = (file: string) =>
      stringify({ config: { "aws:region": "us-east-1", ...EXAMPLES, "greenlight:schema": { file } } });
    const faults = faultsOf(withFile(`${directory}/schema.yaml`), elsewhere);
    expect(faults.filter((fault) => fault.includes("greenlight:schema"))).toEqual([]);
  });

  it("read a stack whose file the program cannot see", () => {
    const source = { ...sourceOf(MINIMAL), text: undefined };
    expect(readSettings(source).system.name).toBe("orders");
  });
});

describe("environment variables in settings", () => {
  const withUrl = (url: string) => `${MINIMAL}  greenlight:health:
    targets: [{ name: api, url: "${url}" }]
`;

  it("replace ${NAME} and parts of an address", () => {
    const environment = { PORT: "3000", SMTP: "smtp://user%40a:p%2Fw@mail.example.com:587" };
    const text = withUrl("http://127.0.0.1:${PORT}/${SMTP.host}/${SMTP.port}/${SMTP.user}/$${PORT}");
    const { health } = readSettings(sourceOf(text, { environment }));
    expect(health?.targets[0]?.url).toBe("http://127.0.0.1:3000/mail.example.com/587/user@a/${PORT}");
  });

  it("give numbers and switches where the setting is one, and stay texts elsewhere", () => {
    const text = `${MINIMAL}    awsAccountId: \${ACCOUNT}
    disposable: \${SWITCH}
  greenlight:logs:
    accessLogDays: \${DAYS:-45}
`;
    const environment = { ACCOUNT: "123456789012", SWITCH: "true" };
    const settings = readSettings(sourceOf(text, { environment }));
    expect(settings.system).toMatchObject({ awsAccountId: "123456789012", disposable: true });
    expect(settings.logs?.accessLogDays).toBe(45);
    expect(faultsOf(text, { environment: { ...environment, DAYS: "many" } })).toEqual([
      expect.stringContaining(
        "greenlight:logs.accessLogDays: a value from ${DAYS:-45}, want a whole number from 1",
      ),
    ]);
    expect(faultsOf(text, { environment: { ...environment, DAYS: "0" } })).toHaveLength(1);
  });

  it("name the variable that is missing, empty, or without the wanted part", () => {
    expect(
      faultsOf(withUrl("http://${HOST_A}/${HOST_B}/${HOST_C.port}/${HOST_D.password}"), {
        environment: { HOST_B: "", HOST_C: "x:y", HOST_D: "redis://u:100%@h" },
      }),
    ).toEqual([
      expect.stringContaining(
        ":6: greenlight:health.targets[0].url: environment variable HOST_A is not set, want a value; export HOST_A before you run pulumi",
      ),
      expect.stringContaining("environment variable HOST_B is not set"),
      expect.stringContaining(
        'environment variable HOST_C has no part "port" (parts are host, port, user, password)',
      ),
      expect.stringContaining(
        "environment variable HOST_D has a % in its password that begins no character; write it %25",
      ),
    ]);
  });
});

describe("two of one name, whose observations nobody could tell apart,", () => {
  const target = { name: "application", url: "https://example.com/" };
  it.each([
    ["health", "targets", target],
    ["latency", "targets", { ...target, p95Milliseconds: 100 }],
    ["metrics", "families", { name: "jobs", metric: "jobs_total", type: "counter" }],
  ])("are refused in %s", (section, list, item) => {
    const faults = sectionFaults(section, { url: target.url, [list]: [item, item] }).join("\n");
    expect(faults).toMatch(
      new RegExp(`:\\d+: greenlight:${section}\\.${list}: .*names must be unique, since they tell`),
    );
  });
});

describe("settings of the database", () => {
  const ofDatabase = (own: { [setting: string]: unknown }) =>
    sectionFaults("database", { adminUrl: "postgresql://a:b@db/postgres?sslmode=require", ...own });

  it.each(["a".repeat(46), "pg_orders", "postgres", "template1"])("refuse the name %s", (databaseName) => {
    expect(ofDatabase({ databaseName }).join()).toContain("greenlight:database.databaseName");
  });

  it("take a name that leaves room for those of the roles, and extensions with a hyphen", () => {
    expect(ofDatabase({ databaseName: "a".repeat(45), extensions: ["uuid-ossp", "pg_trgm"] })).toEqual([]);
  });

  it.each([
    "sslrootcert=/etc/ca.pem",
    "sslcert=a.pem&sslkey=k.pem",
  ])("refuse an address whose %s would be passed over", (more) => {
    const adminUrl = `postgresql://a:s3cret@db/postgres?sslmode=verify-full&${more}`;
    const faults = ofDatabase({ databaseName: "orders", adminUrl }).join();
    expect(faults).toContain(
      "greenlight:database.adminUrl: a secret value, want an address without sslrootcert",
    );
    expect(faults).toContain("`certificateFile`");
    expect(faults).not.toContain("s3cret");
  });

  it("refuse an extension that is named twice", () => {
    expect(ofDatabase({ databaseName: "orders", extensions: ["citext", "citext"] }).join()).toContain(
      "want each extension once",
    );
  });
});

describe("secrets in settings", () => {
  const withSecret = (line: string) => `${MINIMAL}    awsAccountId: "123456789012"
  greenlight:application:
    ${line}
`;

  it("become Pulumi secrets", async () => {
    const text = withSecret("secrets: { API_KEY: { secure: v1:abc } }");
    const { application } = readSettings(sourceOf(text, { decrypted: () => "the-key-itself" }));
    const value = application?.secrets.API_KEY;
    expect(pulumi.Output.isInstance(value)).toBe(true);
    expect(await pulumi.isSecret(pulumi.output(value))).toBe(true);
    expect(JSON.stringify(application?.environment)).not.toContain("the-key-itself");
  });

  it("are refused where the program would have to show them", () => {
    const text = withSecret("environment: { API_KEY: { secure: v1:abc } }");
    expect(faultsOf(text, { decrypted: () => "the-key-itself" })).toEqual([
      "  Pulumi.test.yaml:7: greenlight:application.environment.API_KEY: a secret value, want a plain one; write it in plain text; only settings that are never shown can be secret",
    ]);
  });

  it.each([
    "hooks.example.com/OF-THE-TEAM",
    "ftp://hooks.example.com/OF-THE-TEAM",
  ])("are refused as webhooks that are no web address, without being shown: %s", (webhook) => {
    const [fault, ...more] = sectionFaults("alarms", {
      rules: {},
      channels: { P1: { webhooks: [webhook] } },
    });
    expect(more).toEqual([]);
    expect(fault).toContain("greenlight:alarms.channels.P1.webhooks[0]: a secret value, want");
    expect(fault).not.toContain("OF-THE-TEAM");
  });

  it.each([
    "cache.example.com/OF-THE-CACHE",
    "rediss://:OF-THE-CACHE%ZZ@cache.example.com:6379",
  ])("are refused as an address of Redis that cannot be read, without being shown: %s", (url) => {
    const [fault, ...more] = sectionFaults("cache", { url });
    expect(more).toEqual([]);
    expect(fault).toContain("greenlight:cache.url: a secret value, want");
    expect(fault).not.toContain("OF-THE-CACHE");
  });

  it.each([
    [
      "two channels of one name",
      "notifications",
      "channels: {pager: {pagerduty: {routingKey: KEY}, slack: {url: KEY}}}",
    ],
    ["secrets as a list", "application", "secrets: [KEY]"],
    ["webhooks without a list", "alarms", "rules: {}\n    channels: {P1: {webhooks: {team: KEY}}}"],
    ["a plain variable that is a list", "application", "environment: {TOKENS: [KEY]}"],
  ])("are no part of a message about what is around them: %s", (_what, section, settings) => {
    const text = `${MINIMAL}  greenlight:${section}:\n    ${settings}\n`;
    const decrypted = () => "TELL-NOBODY";
    const faults = faultsOf(text.replaceAll("KEY", "{secure: AAABAKey}"), { decrypted });
    expect(faults.join("\n")).toContain(`greenlight:${section}.`);
    expect(faults.join("\n")).not.toContain("TELL-NOBODY");
  });

  it("are no part of a message where the program cannot see which values of the file are secret", () => {
    const text = `${MINIMAL}  greenlight:maintenance:\n    analyze: {secure: AAABAKey}\n`;
    const source = { ...sourceOf(text, { decrypted: () => "TELL-NOBODY" }), text: undefined };
    expect(() => readSettings(source)).toThrow(
      /greenlight:maintenance\.analyze: a secret value, want a list/,
    );
  });

  it("are never part of a message, however wrong they are", () => {
    const url = fc.webUrl().map((address) => `${address}/tell-nobody`);
    fc.assert(
      fc.property(
        fc.oneof(
          url,
          fc.string().map((text) => `tell-nobody${text}`),
        ),
        (adminUrl) => {
          const environment = { DB: adminUrl };
          const database = {
            adminUrl: "${DB}",
            databaseName: "orders",
            extensions: "${DB}",
            privileges: "${DB}",
          };
          const text = `${MINIMAL}  greenlight:database: ${JSON.stringify(database)}\n`;
          const faults = faultsOf(text, { environment });
          expect(faults.length).toBeGreaterThan(0);
          expect(faults.join("\n")).not.toContain("tell-nobody");
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    "postgresql://admin:word@db.example.com/postgres",
    "postgresql://admin:word@db.example.com/postgres?sslmode=prefer",
    "postgresql://admin@db.example.com/postgres?sslmode=require",
    "mysql://admin:word@db.example.com/postgres?sslmode=require",
    "db.example.com",
    "postgresql://admin:100%@db.example.com/postgres?sslmode=require",
    "postgresql://admin:word@db.example.com/100%?sslmode=require",
  ])("refuse the database address %s", (adminUrl) => {
    expect(sectionFaults("database", { databaseName: "orders", adminUrl }).join()).toContain(
      "greenlight:database.adminUrl: a secret value, want postgresql://USER:PASSWORD@HOST[:PORT]/DATABASE?sslmode=require",
    );
  });
});

describe("rules between settings", () => {
  it.each([
    ["allkeys-lru for a Redis with a queue", { maxmemoryPolicy: "allkeys-lru" }, false],
    ["volatile-ttl for a Redis with a queue", { maxmemoryPolicy: "volatile-ttl" }, false],
    ["noeviction for a Redis with a queue", { maxmemoryPolicy: "noeviction" }, true],
    ["allkeys-lru without a queue", { maxmemoryPolicy: "allkeys-lru", holdsQueue: false }, true],
    [
      "allkeys-lru with a reason",
      { maxmemoryPolicy: "allkeys-lru", evictionAccepted: "all jobs are made again hourly" },
      true,
    ],
  ])("%s", (_title, value, accepted) => {
    const faults = sectionFaults("cache", value);
    if (accepted) expect(faults).toEqual([]);
    else
      expect(faults.join()).toMatch(
        /greenlight:cache\.maxmemoryPolicy: .*silently loses jobs when memory is full/,
      );
  });

  it.each([
    [30, 30, true],
    [30, 31, false],
  ])("a backup kept %i days and locked %i days", (retentionDays, lockDays, accepted) => {
    expect(sectionFaults("backup", { retentionDays, lockDays }).length === 0).toBe(accepted);
  });

  it.each([
    [29, true],
    [30, false],
  ])("a backup kept 30 days that moves after %i days", (days, accepted) => {
    const transitions = [{ days, storageClass: "GLACIER_IR" }];
    expect(sectionFaults("backup", { transitions }).length === 0).toBe(accepted);
  });

  it("somebody has to take the deployer's role, and jobs of one repository only", () => {
    const ci = (subject: string) => ({ ci: { subjects: [subject] } });
    expect(sectionFaults("deployer", {})).not.toEqual([]);
    expect(sectionFaults("deployer", ci("repo:orders/orders:environment:production"))).toEqual([]);
    expect(sectionFaults("deployer", ci("repo:orders/orders:*"))).toEqual([]);
    expect(sectionFaults("deployer", ci("repo:*"))).not.toEqual([]);
    expect(sectionFaults("deployer", ci("*"))).not.toEqual([]);
  });

  it("a certificate can be made where there is a zone", () => {
    const site = { directory: "dist", domains: ["www.example.com"], zoneId: "Z0123456789" };
    expect(sectionFaults("site", site)).toEqual([]);
  });

  it("a site with domains needs a certificate", () => {
    expect(sectionFaults("site", { directory: "dist", domains: ["www.example.com"] }).join()).toContain(
      "greenlight:site.certificateArn: nothing, want",
    );
  });

  it("a network is either adopted or made", () => {
    const made = { cidrBlock: "10.20.0.0/24" };
    const adopted = exampleOf("network");
    expect(sectionFaults("network", made)).toEqual([]);
    expect(sectionFaults("network", { ...made, ...adopted })).not.toEqual([]);
    expect(sectionFaults("network", {})).not.toEqual([]);
    expect(sectionFaults("network", { vpcId: "vpc-0a1b2c3d4e5f60718" })).not.toEqual([]);
  });
});

describe("whatever stands in a section", () => {
  it("is accepted or reported by file, line and path, and nothing else happens", () => {
    const name = fc.constantFrom(...Object.keys(sections()));
    const known = fc.constantFrom(
      "name",
      "rules",
      "targets",
      "environment",
      "version",
      "drill",
      "waivers",
      "file",
    );
    const value = fc.oneof(fc.jsonValue(), fc.dictionary(known, fc.jsonValue({ maxDepth: 3 })));
    fc.assert(
      fc.property(name, value, (section, given) => {
        const config = { "aws:region": "us-east-1", "greenlight:system": EXAMPLES["greenlight:system"] };
        for (const line of faultsOf(stringify({ config: { ...config, [`greenlight:${section}`]: given } })))
          expect(line).toMatch(/^ {2}\S+\.yaml:\d+: \S.*: .+, want .+; .+$/s);
      }),
      { numRuns: 80 },
    );
  }, 120_000);
});

function exampleOf(section: string): { [name: string]: unknown } {
  const example = SCHEMAS.get(section)?.examples?.[0];
  if (example === null || typeof example !== "object") throw new Error(`${section} has no example`);
  return { ...example };
}
