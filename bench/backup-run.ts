// One backup or restore as one process: what the benchmark times. The database's address is in DATABASE_URL. Each job loads what
// it needs alone.
const [job, bucket = "", key = "", archiveBytes = "0"] = process.argv.slice(2);
const databaseUrl = process.env.DATABASE_URL ?? "";
const encryptionKey = process.env.BENCH_KEY ?? "";
const { signal } = new AbortController();

if (job === "backup") {
  const { dumpToS3 } = await import("../checks/backup/dump.ts");
  const { withDatabase } = await import("../checks/database.ts");
  await withDatabase(databaseUrl, { application: "bench", signal }, async (client) => {
    await client.query("begin isolation level repeatable read read only");
    const { rows } = await client.query<{ snapshot: string }>("select pg_export_snapshot() as snapshot");
    const dumped = await dumpToS3(
      {
        databaseUrl,
        snapshot: rows[0]?.snapshot ?? "",
        encryptionKey,
        target: { bucket, key, metadata: {} },
      },
      signal,
    );
    const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(JSON.stringify({ sizeBytes: dumped.sizeBytes, archiveBytes: dumped.archiveBytes, peakMiB }));
  });
} else if (job === "restore") {
  const { restoreBackup } = await import("../checks/backup/drill.ts");
  const { S3Client } = await import("@aws-sdk/client-s3");
  const stored = { bucket, key, versionId: null, archiveBytes: Number(archiveBytes), encryptionKey };
  await restoreBackup(new S3Client({}), stored, databaseUrl, new URL(databaseUrl).pathname.slice(1), signal);
} else {
  throw new Error(`job "${job}": want backup or restore`);
}

export {};
