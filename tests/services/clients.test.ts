// The shared set answers real clients over the addresses and credentials of its environment.

import { readFile } from "node:fs/promises";
import pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { type Services, servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";

let services: Services;
let environment: Record<string, string>;
let authority: string;

beforeAll(async () => {
  services = await sharedServices();
  environment = servicesEnvironment(services);
  authority = await readFile(environment["GREENLIGHT_CA_FILE"] ?? "", "utf8");
});

describe("PostgreSQL", () => {
  it("takes the administrator over TLS whose certificate the authority proves", async () => {
    const client = new pg.Client(databaseConfig(environment, authority));
    await client.connect();
    try {
      const { rows } = await client.query(
        "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()",
      );
      expect(rows).toEqual([{ ssl: true, version: "TLSv1.3" }]);
    } finally {
      await client.end();
    }
  });
});

function databaseConfig(environment: Record<string, string>, ca: string): pg.ClientConfig {
  const url = new URL(environment["GREENLIGHT_DATABASE_URL"] ?? "");
  url.search = "";
  return { connectionString: url.href, ssl: { ca } };
}
