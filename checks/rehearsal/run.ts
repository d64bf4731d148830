// One rehearsal: the backup restored, the pending files run up, down and up on the copy, and what each of it left compared.
import type { S3Client } from "@aws-sdk/client-s3";
import { withDatabase } from "../database.ts";
import type { RehearsalInputs } from "../rehearsal.ts";
import type { Fact, Facts, Finding, Observation, StepContext } from "../step/definition.ts";
import { type Copy, sourceSettings, withCopy } from "./copy.ts";
import { judgeWalk } from "./judge.ts";
import { dataDigest, schemaDigest } from "./state.ts";
import { type Walk, walk } from "./walk.ts";

// Beyond this many tables or files only the first ones are listed in the state.
const MOST_LISTED = 200;

export async function runRehearsal(given: RehearsalInputs, { log, signal }: StepContext): Promise<Finding> {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const s3: S3Client = new S3Client({});
  try {
    return await withCopy(s3, given, signal, (copy) => rehearse(given, copy, log, signal));
  } finally {
    s3.destroy();
  }
}

async function rehearse(
  given: RehearsalInputs,
  copy: Copy,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<Finding> {
  const { database, restoreSeconds, sameServer } = copy;
  log(`copy restored in ${restoreSeconds.toFixed(1)} s`);
  // Another server has its own roles: there the copy belongs to the one who made it.
  const migrator = sameServer ? given.databaseUrl : (given.restoreUrl ?? given.databaseUrl);
  const reader = given.restoreUrl ?? given.databaseUrl;
  const session = { application: "rehearsal", signal, database };
  const walked = await withDatabase(reader, session, (observer) =>
    withDatabase(migrator, { ...session, settings: sourceSettings(given, sameServer) }, (client) =>
      walk(client, observer, given, sameServer, { signal, log }),
    ),
  );
  const observations: Observation[] = judgeWalk(walked, given);
  log(observations.map(({ id, result }) => `${id} ${result}`).join(", "));
  return { observations, facts: factsOf(walked, given, restoreSeconds) };
}

function factsOf(walked: Walk, given: RehearsalInputs, restoreSeconds: number): Facts {
  const { first, down, second } = walked;
  const files = (first?.applied ?? []).slice(0, MOST_LISTED).map((file): Fact => {
    const back = down?.reverted.find(({ version }) => version === file.version);
    const again = second?.applied.find(({ version }) => version === file.version);
    return {
      path: file.path,
      upMilliseconds: file.durationMs,
      downMilliseconds: back?.durationMs ?? null,
      againMilliseconds: again?.durationMs ?? null,
    };
  });
  return {
    backup: given.backup.key,
    restoreSeconds: Math.round(restoreSeconds * 1000) / 1000,
    versionBefore: first?.before ?? null,
    versionAfter: first?.after ?? null,
    files,
    upSeconds: Math.round((walked.upSeconds ?? 0) * 1000) / 1000,
    schemaDigestBefore: schemaDigest(walked.before),
    schemaDigestAfter: walked.afterUp ? schemaDigest(walked.afterUp) : null,
    dataDigestBefore: dataDigest(walked.before),
    dataDigestAfterDown: walked.afterDown ? dataDigest(walked.afterDown) : null,
    rowsChanged: rowsChanged(walked),
  };
}

/** By table: rows before and after the pending files, where they differ; null where there is no table. */
function rowsChanged({ before, afterUp }: Walk): Facts {
  if (!afterUp) return {};
  const tables = [...new Set([...Object.keys(before.content), ...Object.keys(afterUp.content)])].sort();
  const changed = tables.flatMap((table): [string, Fact][] => {
    const [was, is] = [before.content[table], afterUp.content[table]];
    if (was?.rows === is?.rows && was?.digest === is?.digest) return [];
    return [[table, { before: was?.rows ?? null, after: is?.rows ?? null }]];
  });
  return Object.fromEntries(changed.slice(0, MOST_LISTED));
}
