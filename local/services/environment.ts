// The variables with which a program uses a set of local services.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { awsRegion } from "./aws.ts";
import { projectRoot } from "./layout.ts";
import { administrator, maintenanceDatabase } from "./postgresql.ts";
import type { Services } from "./services.ts";
import { pathFolders } from "./tool.ts";

/**
 * Everything a program, an engine or a test needs, PATH included; the caller's own environment is otherwise not in it.
 * It holds credentials: hand it to processes, print it nowhere but for a person who asked (`greenlight local env`).
 */
export function servicesEnvironment(services: Services): Record<string, string> {
  const { ports, applicationPorts, credentials, certificates, layout } = services;
  const host = (name: keyof typeof ports) => `127.0.0.1:${ports[name]}`;
  return {
    AWS_ENDPOINT_URL: `http://${host("aws")}`,
    AWS_ACCESS_KEY_ID: credentials.awsAccessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.awsSecretAccessKey,
    AWS_REGION: awsRegion,
    // What a person has there is of other accounts.
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    GREENLIGHT_DATABASE_URL: `postgresql://${administrator}:${credentials.postgresqlPassword}@${host("postgresql")}/${maintenanceDatabase}?sslmode=require`,
    PGSSLROOTCERT: certificates.authority,
    GREENLIGHT_REDIS_URL: `rediss://:${credentials.redisToken}@${host("redis-tls")}`,
    GREENLIGHT_SMTP_URL: `smtp://${credentials.smtpUser}:${credentials.smtpPassword}@${host("smtp")}`,
    GREENLIGHT_SINK_URL: `http://${host("sink")}`,
    GREENLIGHT_CA_FILE: certificates.authority,
    NODE_EXTRA_CA_CERTS: certificates.authority,
    GREENLIGHT_APP_PORT: String(ports.application),
    ...Object.fromEntries(
      applicationPorts.map((port, index) => [`GREENLIGHT_PORT_${index + 1}`, String(port)]),
    ),
    PM2_HOME: layout.pm2Home,
    GREENLIGHT_PEOPLE_DIR: layout.people,
    GREENLIGHT_REPOSITORIES_DIR: layout.repositories,
    GREENLIGHT_STATE_DIR: layout.state,
    PULUMI_BACKEND_URL: pathToFileURL(layout.state).href,
    PULUMI_CONFIG_PASSPHRASE_FILE: layout.passphraseFile,
    PATH: path(services.postgresqlBin),
  };
}

/**
 * The variables of an environment that would lead programs away from the local services, or change how they are reached: of the AWS
 * tools, of PostgreSQL's client library, and a passphrase that goes before the one in a file.
 */
export function foreignVariables(environment: NodeJS.ProcessEnv, own: Record<string, string>): string[] {
  return Object.keys(environment).filter(
    (name) =>
      !(name in own) && (/^(AWS_(?!PAGER$)\w+|PG[A-Z]+)$/.test(name) || name === "PULUMI_CONFIG_PASSPHRASE"),
  );
}

/**
 * In front: PostgreSQL's client tools, the local providers, and the project's own Node, which Pulumi's language host
 * starts. At the end: the embedded engine, so that an installed Pulumi CLI is never shadowed.
 */
function path(postgresqlBin: string): string {
  const front = [
    postgresqlBin,
    join(projectRoot, "local/providers/bin"),
    join(projectRoot, "node_modules/.bin"),
  ];
  const engine = join(projectRoot, "local/engine/bin");
  const rest = pathFolders().filter((folder) => ![...front, engine].includes(folder));
  return [...front, ...rest, engine].join(":");
}
