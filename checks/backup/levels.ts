// The levels of a backup that only its restore can prove: bytes match, listable, restored, data equal, in time. A level that
// fails ends the drill; what comes after it was not looked at and is not reported as good.
import type { S3Client } from "@aws-sdk/client-s3";
import { withDatabase } from "../database.ts";
import { type Fact, type Facts, type Finding, type Observation, observe } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";
import { type Content, compareContent, readContent } from "./content.ts";
import { type Arrival, withArrival } from "./drill.ts";
import { withScratchDatabase } from "./scratch.ts";

/** A stored backup and what it must hold. */
export interface Drill {
  given: {
    bucket: string;
    databaseUrl: string;
    restoreUrl?: string;
    encryptionKey?: string;
    rtoSeconds: number;
  };
  key: string;
  dumped: { versionId?: string; archiveBytes: number; sha256: string };
  wanted: Content;
  s3: S3Client;
}

const LEVELS = {
  "bytes-match": "the object's bytes as computed while dumping",
  listable: "a whole table of contents",
  restored: "pg_restore ends without an error",
  "data-equal": "the same tables, rows and digests",
  "restore-time": "fetched and restored within the RTO",
};

/** Observations `bytes-match`, `listable`, `restored`, `data-equal`, `restore-time`. */
export async function verifyLevels(drill: Drill, signal: AbortSignal): Promise<Finding> {
  const observations: Observation[] = [];
  const facts: Facts = {};
  try {
    await runDrill(drill, observations, facts, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    const open = Object.entries(LEVELS).filter(([id]) => !observations.some((seen) => seen.id === id));
    observations.push(
      ...open.map(([id, expected], at) =>
        at === 0
          ? observe(id, false, expected, messageOf(error))
          : {
              id,
              result: "inconclusive" as const,
              expected,
              observed: `not looked at: ${open[0]?.[0]} failed`,
            },
      ),
    );
  }
  return { observations, facts };
}

async function runDrill(
  drill: Drill,
  observations: Observation[],
  facts: Facts,
  signal: AbortSignal,
): Promise<void> {
  const { given, key, dumped, wanted } = drill;
  const { bucket, encryptionKey } = given;
  const { versionId = null, archiveBytes } = dumped;
  const stored = { bucket, key, versionId, archiveBytes, encryptionKey };
  const server = given.restoreUrl ?? given.databaseUrl;
  await withArrival(drill.s3, stored, server, signal, async (arrival) => {
    const restoring = restoreAndRead(drill, arrival, server, facts, signal);
    // Of what cannot be restored the bytes are compared all the same.
    restoring.catch(() => arrival.discard());
    try {
      const fetched = await arrival.fetched;
      facts.fetchSeconds = rounded(fetched.seconds);
      observations.push(
        observe(
          "bytes-match",
          fetched.sha256 === dumped.sha256,
          `SHA-256 ${dumped.sha256} as computed while dumping`,
          `${fetched.sha256} of ${fetched.sizeBytes} bytes read back`,
        ),
      );
      observations.push(judgeListing(await arrival.entries, wanted));
      const { seconds, seen } = await restoring;
      observations.push(
        observe("restored", true, LEVELS.restored, `restored in ${seconds.toFixed(1)} s`),
        judgeContent(wanted, seen),
        judgeRestoreTime(seconds, given.rtoSeconds),
      );
    } finally {
      // The scratch database is dropped before anything is said.
      await Promise.allSettled([restoring]);
    }
  });
}

/** Loads the backup into a scratch database as it comes, and reads what that then holds. */
async function restoreAndRead(
  { given }: Drill,
  arrival: Arrival,
  server: string,
  facts: Facts,
  signal: AbortSignal,
): Promise<{ seconds: number; seen: Content }> {
  const session = { application: "restore drill", signal };
  return withScratchDatabase(server, given.databaseUrl, signal, async (scratch) => {
    const { rowsSeconds, indexesSeconds } = await arrival.load(scratch);
    const seconds = rowsSeconds + indexesSeconds;
    facts.restoreSeconds = rounded(seconds);
    const bars: Fact[] = [
      ["fetched, rows loaded", rounded(rowsSeconds)],
      ["indexes, constraints", rounded(indexesSeconds)],
      ["together", rounded(seconds)],
    ];
    facts.charts = [{ title: "Time to have it back", unit: "s", limit: given.rtoSeconds, bars }];
    const started = performance.now();
    const seen = await withDatabase(server, { ...session, database: scratch }, readContent);
    facts.compareSeconds = rounded((performance.now() - started) / 1000);
    return { seconds, seen };
  });
}

/** Every table's data must be in the archive's table of contents. */
export function judgeListing(entries: string[], wanted: Content): Observation {
  // Names may hold points themselves; the list has blanks between them, and for the ends of lines in them.
  const spelt = (text: string) => text.replaceAll(/[.\r\n]/g, " ");
  const listed = entries.map(spelt);
  const missing = Object.keys(wanted).filter(
    (table) => !listed.some((entry) => entry.includes(` DATA ${spelt(table)} `)),
  );
  const seen = missing.length === 0 ? "no table is missing" : `missing: ${missing.slice(0, 5).join(", ")}`;
  return observe(
    "listable",
    entries.length > 0 && missing.length === 0,
    `a table of contents with the data of ${Object.keys(wanted).length} tables`,
    `${entries.length} entries; ${seen}`,
  );
}

export function judgeContent(wanted: Content, seen: Content): Observation {
  const faults = compareContent(wanted, seen);
  const differing = `${faults.length} tables differ: ${faults.slice(0, 5).join("; ")}`;
  return observe(
    "data-equal",
    faults.length === 0,
    summaryOf(wanted),
    faults.length === 0 ? summaryOf(seen) : differing,
  );
}

export function judgeRestoreTime(seconds: number, rtoSeconds: number): Observation {
  const expected = `fetched and restored within ${rtoSeconds} s`;
  return observe("restore-time", seconds <= rtoSeconds, expected, `${seconds.toFixed(1)} s`);
}

function summaryOf(content: Content): string {
  const tables = Object.values(content);
  if (tables.length === 0) return "no table: the database is empty";
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return `${tables.length} tables with ${rows} rows, digests equal`;
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
