// The variables that `greenlight local env` prints, as a shell and a program take them.

import { execFileSync } from "node:child_process";
import { delimiter } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderExports, renderUnset } from "../../greenlight/commands/local.ts";
import { foreignVariables, servicesEnvironment } from "../../local/services/environment.ts";
import { layoutOf, projectRoot } from "../../local/services/layout.ts";
import type { Services } from "../../local/services/services.ts";

const services: Services = {
  layout: layoutOf("/data/.greenlight"),
  ports: { postgresql: 1, valkey: 2, "redis-tls": 3, aws: 4, smtp: 5, sink: 6, application: 7 },
  applicationPorts: [8, 9],
  credentials: {
    postgresqlPassword: "pw",
    redisToken: "token",
    awsAccessKeyId: "AKIA",
    awsSecretAccessKey: "secret",
    smtpUser: "greenlight",
    smtpPassword: "mail",
  },
  certificates: { authority: "/data/ca.pem", certificate: "/data/server.pem", key: "/data/key.pem" },
  postgresqlBin: "/opt/postgresql/bin",
};

describe("the environment of the services", () => {
  it("names every service with its credentials", () => {
    const { PATH: _, ...variables } = servicesEnvironment(services);
    expect(variables).toEqual({
      AWS_ENDPOINT_URL: "http://127.0.0.1:4",
      AWS_ACCESS_KEY_ID: "AKIA",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_REGION: "us-east-1",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      GREENLIGHT_PORT_1: "8",
      GREENLIGHT_PORT_2: "9",
      GREENLIGHT_DATABASE_URL: "postgresql://greenlight:pw@127.0.0.1:1/postgres?sslmode=require",
      PGSSLROOTCERT: "/data/ca.pem",
      GREENLIGHT_REDIS_URL: "rediss://:token@127.0.0.1:3",
      GREENLIGHT_SMTP_URL: "smtp://greenlight:mail@127.0.0.1:5",
      GREENLIGHT_SINK_URL: "http://127.0.0.1:6",
      GREENLIGHT_CA_FILE: "/data/ca.pem",
      NODE_EXTRA_CA_CERTS: "/data/ca.pem",
      GREENLIGHT_APP_PORT: "7",
      PM2_HOME: "/data/.greenlight/local/pm2",
      GREENLIGHT_PEOPLE_DIR: "/data/.greenlight/local/people",
      GREENLIGHT_REPOSITORIES_DIR: "/data/.greenlight/local/repositories",
      GREENLIGHT_STATE_DIR: "/data/.greenlight/state",
      PULUMI_BACKEND_URL: "file:///data/.greenlight/state",
      PULUMI_CONFIG_PASSPHRASE_FILE: "/data/.greenlight/local/passphrase",
    });
  });

  it("knows the variables of a person's own accounts and databases, which would lead elsewhere", () => {
    const own = servicesEnvironment(services);
    const others = {
      ...{
        AWS_PROFILE: "prod",
        AWS_SESSION_TOKEN: "t",
        AWS_USE_FIPS_ENDPOINT: "true",
        AWS_ENDPOINT_URL_S3: "u",
      },
      ...{ PGHOST: "db", PGOPTIONS: "-c search_path=x", PULUMI_CONFIG_PASSPHRASE: "mine" },
    };
    const kept = { AWS_REGION: "eu-west-3", AWS_PAGER: "less", PAGER: "less", PULUMI_HOME: "/p", HOME: "/" };
    expect(foreignVariables({ ...others, ...kept }, own)).toEqual(Object.keys(others));
  });

  it("names the state's folder as an address, whatever the clone's folder is called", () => {
    const odd = { ...services, layout: layoutOf("/home/ann/C# 100%/.greenlight") };

    expect(servicesEnvironment(odd).PULUMI_BACKEND_URL).toBe(
      "file:///home/ann/C%23%20100%25/.greenlight/state",
    );
  });

  it("puts the client tools and local providers in front of PATH and the embedded engine behind it", () => {
    const folders = (servicesEnvironment(services).PATH ?? "").split(delimiter);
    expect(folders.slice(0, 3)).toEqual([
      "/opt/postgresql/bin",
      `${projectRoot}/local/providers/bin`,
      `${projectRoot}/node_modules/.bin`,
    ]);
    expect(folders.at(-1)).toBe(`${projectRoot}/local/engine/bin`);
    expect(new Set(folders).size).toBe(folders.length);
  });
});

describe("its exports", () => {
  it("begin by taking away what would lead elsewhere", () => {
    const script = `${renderUnset(["PGHOST", "AWS_PROFILE"])}env`;
    const env = { PATH: process.env.PATH, PGHOST: "db", AWS_PROFILE: "prod", KEPT: "1" };
    const seen = execFileSync("sh", ["-c", script], { env }).toString();
    expect(seen).toMatch(/^KEPT=1$/m);
    expect(seen).not.toMatch(/PGHOST|AWS_PROFILE/);
    expect(renderUnset([])).toBe("");
  });

  it("give a shell exactly the values, whatever is in them", () => {
    const value = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(value, (text) => {
        const script = `${renderExports({ GIVEN: text })}printf %s "$GIVEN"`;
        expect(execFileSync("sh", ["-c", script]).toString()).toBe(text);
      }),
      { numRuns: 25, examples: [['it\'s $HOME `x` \\ "q"\nnext']] },
    );
  });
});
