// The postgresql provider of this machine: which resource types it serves and its configuration. Nothing here
// connects.

import { packageVersion } from "../package-version.ts";
import { createProvider, type LocalProvider } from "../provider.ts";
import { flag, number, text } from "../schema.ts";
import { resources } from "./resources.ts";
import { PostgresqlSession } from "./session.ts";

const SSL_MODES = ["disable", "require", "verify-ca", "verify-full"] as const;

const config = {
  connectTimeout: number({ minimum: 1 }),
  database: text(),
  databaseUsername: text(),
  expectedVersion: text(),
  host: text(),
  maxConnections: number({ minimum: 0 }),
  password: text({ secret: true }),
  port: number({ minimum: 1, maximum: 65535 }),
  scheme: text({ oneOf: ["postgres"] }),
  sslMode: text({ oneOf: SSL_MODES }),
  sslmode: text({ oneOf: SSL_MODES }),
  sslrootcert: text(),
  superuser: flag(),
  username: text(),
} as const;

/** @param environment libpq's variables, used where nothing is configured */
export function postgresqlProvider(environment: NodeJS.ProcessEnv = process.env): LocalProvider {
  return createProvider<PostgresqlSession>({
    package: "postgresql",
    version: packageVersion("@pulumi/postgresql"),
    config,
    openSession: (values) => openSession(values, environment),
    closeSession: (session) => session.close(),
    resources,
    invokes: {},
  });
}

function openSession(values: Record<string, unknown>, environment: NodeJS.ProcessEnv): PostgresqlSession {
  const from = (key: string, variable?: string): string | undefined => {
    const configured = values[key];
    if (configured !== undefined && configured !== "") return String(configured);
    return (variable === undefined ? undefined : environment[variable]) || undefined;
  };
  return new PostgresqlSession({
    host: from("host", "PGHOST"),
    port: Number(from("port", "PGPORT") ?? 5432),
    username: from("username", "PGUSER") ?? "postgres",
    password: from("password", "PGPASSWORD"),
    database: from("database", "PGDATABASE") ?? "postgres",
    sslmode: from("sslmode") ?? from("sslMode", "PGSSLMODE") ?? "require",
    sslrootcert: from("sslrootcert", "PGSSLROOTCERT"),
    connectTimeoutSeconds: Number(from("connectTimeout", "PGCONNECT_TIMEOUT") ?? 180),
  });
}
