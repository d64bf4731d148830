// The ways down of the pending files, tried in a preview: a release that could not be taken back is refused before it is made.
// What cannot be tried without rows, or on this server, is said in one line and left to the rehearsal inside `up`.
import { withDatabase } from "../database.ts";
import type { Migration } from "../migrations/directory.ts";
import { loadGrammar } from "../migrations/grammar.ts";
import { readScript } from "../migrations/script.ts";
import type { RehearsalInputs } from "../rehearsal.ts";
import { messageOf } from "../step/message.ts";
import { beyondDatabase } from "./beyond.ts";
import { sourceSettings } from "./copy.ts";
import { withSchemaCopy } from "./schema-copy.ts";
import { tryWays, type Ways } from "./ways.ts";

type Given = Omit<RehearsalInputs, "backup">;

/**
 * @returns a line on what was tried, or why it was not
 * @throws with every way down that fails, or that leaves another schema
 */
export async function rehearseInPreview(
  given: Given,
  pending: Migration[],
  signal: AbortSignal,
): Promise<string> {
  const ways = await tried(given, pending, signal);
  if (ways.faults.length > 0)
    throw new Error(
      `${ways.faults.join("; ")}. Tried on a copy of the schema without rows; where a way down needs rows, previewSeconds: 0 leaves it to up`,
    );
  return ways.unable === undefined
    ? `tried on a copy of the schema: ${ways.files} files up, down and up leave it as it was`
    : `not tried in the preview: ${ways.unable}; up does it on the copy restored from the backup`;
}

/** Whatever keeps a copy from being made or used is a reason not to judge, and no fault of the files. */
async function tried(given: Given, pending: Migration[], signal: AbortSignal): Promise<Ways> {
  const { previewSeconds } = given;
  const unable = (why: string): Ways => ({ files: 0, faults: [], unable: why });
  if (previewSeconds === 0) return unable("previewSeconds is 0");
  const limit = AbortSignal.timeout(previewSeconds * 1000);
  try {
    const beyond = await reachesBeyond(given, pending, signal);
    if (beyond !== undefined) return unable(beyond);
    return await onCopy(given, AbortSignal.any([signal, limit]));
  } catch (error) {
    return unable(
      limit.aborted ? `not finished within ${previewSeconds} s (previewSeconds)` : messageOf(error),
    );
  }
}

function onCopy(given: Given, signal: AbortSignal): Promise<Ways> {
  const reader = given.restoreUrl ?? given.databaseUrl;
  const place = { schema: given.schema, table: given.historyTable };
  return withSchemaCopy(given, place, signal, (database, sameServer) => {
    const migrator = sameServer ? given.databaseUrl : reader;
    const session = { application: "rehearsal preview", signal, database };
    return withDatabase(reader, session, (observer) =>
      withDatabase(migrator, { ...session, settings: sourceSettings(given, sameServer) }, (client) =>
        tryWays(client, observer, given, signal),
      ),
    );
  });
}

// Extensions by which a statement reaches other servers.
const REACHING = ["aws_lambda", "aws_s3", "dblink", "http", "pg_cron", "pg_net"];

/** What a statement on the copy would change outside of it. */
async function reachesBeyond(
  { databaseUrl }: Given,
  pending: Migration[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const grammar = await loadGrammar();
  const files = pending.flatMap((one) => (one.down ? [one, one.down] : [one]));
  const [statement] = beyondDatabase(files.map((file) => readScript(file, grammar)));
  if (statement !== undefined) return `${statement} reaches beyond the database`;
  const session = { application: "rehearsal preview", signal, statementTimeoutSeconds: 10 };
  const { rows } = await withDatabase(databaseUrl, session, (client) =>
    client.query<{ name: string }>(
      `select 'the server ' || srvname as name from pg_foreign_server
       union all select 'the extension ' || extname from pg_extension where extname = any($1) order by 1`,
      [REACHING],
    ),
  );
  return rows[0] && `by ${rows[0].name} a statement could reach other servers`;
}
