// What a small system is in the world, apart from what its state says: to be compared before and after a rollback.
import { readFileSync } from "node:fs";
import { withDatabase } from "../../../checks/database.ts";
import { type DatabaseState, readDatabaseState } from "../../../checks/record/database.ts";
import { query } from "../../checks/support/database.ts";

export interface World {
  database: DatabaseState;
  rows: { [table: string]: unknown[][] };
  /** Objects of the site's bucket by path. */
  site: { [path: string]: string };
  application: { version: string; errors: number; queue: number };
  /** The application's variable as AWS has it. */
  secret: unknown;
  /** Inputs of every resource of AWS and PostgreSQL by type and name. */
  infrastructure: { [resource: string]: unknown };
}

/** @param deployment what `exportStack` gives @param live the running application's file */
export async function worldOf(deployment: unknown, databaseUrl: string, live: string): Promise<World> {
  const resources = resourcesOf(deployment);
  const bucket = resources.find(({ urn }) => /\$aws:s3\/bucket\w*:Bucket\w*::.*-site$/.test(urn));
  return {
    database: await withDatabase(
      databaseUrl,
      { application: "test", signal: AbortSignal.timeout(60_000) },
      (client) => readDatabaseState(client, { schema: "public", table: "greenlight_migrations" }),
    ),
    rows: await rowsOf(databaseUrl),
    site: await siteOf(String(bucket?.outputs?.bucket)),
    application: readLive(live),
    secret: await secretOf(resources),
    infrastructure: Object.fromEntries(
      resources
        .filter(
          ({ urn, custom }) => custom && !urn.includes("pulumi-nodejs:dynamic") && !urn.includes("::pulumi:"),
        )
        .map(({ urn, inputs }) => [urn.split("::").slice(2).join(" "), inputs]),
    ),
  };
}

/** Rows of every table of the system's own. */
async function rowsOf(databaseUrl: string): Promise<World["rows"]> {
  const tables = await query(
    databaseUrl,
    "select relname::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname !~ '^greenlight_' order by 1",
  );
  const rows: World["rows"] = {};
  for (const [table] of tables)
    rows[String(table)] = await query(databaseUrl, `select * from "${table}" order by 1`);
  return rows;
}

interface Resource {
  urn: string;
  id?: string;
  custom?: boolean;
  inputs?: { [name: string]: unknown };
  outputs?: { [name: string]: unknown };
}

function resourcesOf(deployment: unknown): Resource[] {
  if (deployment === null || typeof deployment !== "object" || !("resources" in deployment)) return [];
  return Array.isArray(deployment.resources) ? deployment.resources : [];
}

/** The application as it runs; none before the first release. */
export function readLive(file: string): World["application"] {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { version: "none", errors: 0, queue: 0 };
  }
}

/** Documents and assets as they are served. */
async function siteOf(bucket: string): Promise<{ [path: string]: string }> {
  const { S3Client, ListObjectsV2Command, GetObjectCommand } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({});
  try {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    const files = Contents.map(async ({ Key }): Promise<[string, string]> => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      return [Key ?? "", (await Body?.transformToString()) ?? ""];
    });
    return Object.fromEntries((await Promise.all(files)).sort(([a], [b]) => a.localeCompare(b)));
  } finally {
    s3.destroy();
  }
}

/** The application's variable as AWS has it. */
async function secretOf(resources: Resource[]): Promise<unknown> {
  const id = resources.find(({ urn }) => /aws:secretsmanager\/secret:Secret::/.test(urn))?.id;
  const { SecretsManagerClient, GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
  const client = new SecretsManagerClient({});
  try {
    const { SecretString = "{}" } = await client.send(new GetSecretValueCommand({ SecretId: String(id) }));
    return JSON.parse(SecretString).SETTING;
  } finally {
    client.destroy();
  }
}
