// Which file of which machine the CA of the database's server is.
import { relative } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { provision } from "../../infra/estate.ts";
import { readSettings } from "../../infra/settings.ts";
import { inputsOf, made, plain, recordResources } from "./support/mocks.ts";
import { sourceOf } from "./support/source.ts";

beforeEach(recordResources);

/** The estate of a project in a folder that is not the program's. */
async function estate(certificateFile: string) {
  const adminUrl = "postgresql://administrator:password@db.example.com/postgres?sslmode=verify-full";
  const text = stringify({
    config: {
      "aws:region": "us-east-1",
      "greenlight:system": { name: "orders", awsAccountId: "123456789012" },
      "greenlight:database": { adminUrl, databaseName: "orders", certificateFile },
      "greenlight:release": { version: "1" },
      "greenlight:backup": { schedule: { cron: "0 2 * * *" } },
    },
  });
  return await made(provision(readSettings(sourceOf(text, { directory: "/srv/orders" }))));
}

const FROM_HERE = relative(process.cwd(), "/srv/orders/ca.pem");

describe("the CA of the database's server", () => {
  it.each([
    ["ca.pem", FROM_HERE],
    ["/etc/ca.pem", "/etc/ca.pem"],
  ])("as %s is looked for from the project's folder, whichever folder the program runs in", async (given, seen) => {
    const { database } = await estate(given);
    const provider = inputsOf("pulumi:providers:postgresql", "orders-postgresql");
    expect(provider.sslrootcert).toBe(seen);
    const url = new URL(database === undefined ? "" : await plain(database.migratorUrl));
    expect(url.searchParams.get("sslrootcert")).toBe(seen);
  });

  it("is no part of the plan of backups, which are made on another machine", async () => {
    await estate("ca.pem");
    const plan = inputsOf("aws:secretsmanager/secretVersion:SecretVersion", "orders-backup-plan-value");
    const { secret } = plan.secretString as { secret: string };
    const { backup } = JSON.parse(secret);
    expect(backup.databaseUrl).toMatch(/^postgresql:\/\/orders_backup:.*\?sslmode=verify-full$/);
    expect(backup.restoreUrl).toMatch(/^postgresql:\/\/administrator:.*\?sslmode=verify-full$/);
  });
});
