// A sign of life in the database: that the worker runs, since when, which version, and what it did.
import { service } from "../../../parts/database.ts";
import type { System } from "../opening.ts";

export async function beat(
  { database, identity, faults }: System,
  startedAt: Date,
  processed: number,
): Promise<void> {
  const version = faults.has("worker-version") ? "v0.0.0-previous" : identity.version;
  await database.query(
    service,
    `INSERT INTO pfa_sync_workers (name, version, started_at, seen_at, processed)
     VALUES ('pems-write-sync-worker', $1, $2, now(), $3)
     ON CONFLICT (name) DO UPDATE SET version = excluded.version, started_at = excluded.started_at,
       seen_at = excluded.seen_at, processed = excluded.processed`,
    [version, startedAt, processed],
  );
}
