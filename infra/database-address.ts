// Addresses of PostgreSQL with TLS, one a login.
import * as pulumi from "@pulumi/pulumi";
import type { Login } from "./database-logins.ts";

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

/** A connection address with TLS; secret. */
export function addressOf(
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

/** The parameters of an address; a CA file is a path on the machine that uses it. */
export function tlsOf(server: DatabaseServer, certificateFile?: string): string {
  const file = certificateFile === undefined ? "" : `&sslrootcert=${encodeURIComponent(certificateFile)}`;
  return `sslmode=${server.sslMode}${file}`;
}
