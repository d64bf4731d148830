// Runs a no-transaction file statement by statement. Each one commits by itself, so that how far it came is written to the
// history after every one: the next run goes on behind the last, also when the file's rest was corrected in between.
import { createHash } from "node:crypto";
import type { Client } from "pg";
import { MigrationFailure } from "./failure.ts";
import type { Node } from "./grammar.ts";
import { type HistoryPlace, type NewRow, quotedTable, recordSql } from "./history.ts";
import { clearLeftover, concurrentIndexOf, isConcurrent, isNewerThan } from "./index-repair.ts";
import { type MessageFailure, send } from "./message.ts";
import type { Script, Statement } from "./script.ts";
import { cleanSession, FileFailure, type Limits, prepareSession, runInTransaction } from "./transaction.ts";

export interface StepwiseOptions {
  limits: Limits;
  signal: AbortSignal;
  log(line: string): void;
}

/** @param row the file's row in the history once it is complete. @throws FileFailure, MigrationFailure */
export async function runStepwise(
  client: Client,
  script: Script,
  row: NewRow,
  place: HistoryPlace,
  options: StepwiseOptions,
): Promise<void> {
  const started = performance.now();
  const record = (statements: number) => {
    const sha256 = prefixHash(script, statements);
    const progress: NewRow = { ...row, kind: "partial", statements, sha256 };
    return recordProgress(client, recordSql(place, progress, performance.now() - started));
  };
  await prepareSession(client, script, options.limits);
  const earlier = await progressOf(client, place, row.version);
  const done = doneBefore(script, earlier);
  // Written before the first statement too: what it leaves behind when it is killed is then known to be its own.
  if (!earlier) await record(0);
  else if (done > 0)
    options.log(`${script.file.path}: goes on at statement ${done + 1} of ${script.statements.length}`);
  try {
    for (const [index, statement] of script.statements.entries()) {
      if (index < done) {
        // What it set ended with that session or attempt, and what follows is written for it.
        if (isSetting(statement.node)) await runStatement(client, script, statement, options);
        continue;
      }
      options.signal.throwIfAborted();
      const leftover = await clear(client, script, statement, options);
      // A valid index is an earlier run's work only where that run stopped, and when it came after what that run wrote last;
      // elsewhere the name clash is the file's own fault, however often it is tried.
      const isDone =
        leftover === "present" &&
        index === done &&
        earlier !== undefined &&
        (await isNewerThan(client, statement, earlier.writtenBy));
      if (!isDone) await runStatement(client, script, statement, options);
      await record(index + 1);
    }
    await finish(client, script, recordSql(place, row, performance.now() - started), options.limits);
  } catch (error) {
    // The history is read next, which a role that the file took may not be allowed to.
    await cleanSession(client);
    throw error;
  }
}

/** The file may have taken a role that must not write the history; it goes on with it. */
async function recordProgress(client: Client, sql: string): Promise<void> {
  const failure = await send(
    client,
    `begin; set local session authorization default; set local role none; ${sql}; commit`,
  );
  if (!failure) return;
  await send(client, "rollback");
  throw failure.error;
}

// What DISCARD ALL stands for, but for pg_advisory_unlock_all(): the lock that keeps other runs out is one of those.
const DISCARD_ALL =
  "close all; set session authorization default; reset all; deallocate all; unlisten *; discard plans; discard temp; discard sequences";

function discardsAll(node: Node): boolean {
  return "DiscardStmt" in node && node.DiscardStmt.target === "DISCARD_ALL";
}

/** Holds for the rest of the session: SET, RESET and what undoes them all. */
function isSetting(node: Node): boolean {
  if (discardsAll(node)) return true;
  return "VariableSetStmt" in node && !node.VariableSetStmt.is_local;
}

/** Runs a no-transaction file whole, without keeping how far it came. @param record see {@link runInTransaction} */
export async function runUnrecorded(
  client: Client,
  script: Script,
  record: string,
  options: StepwiseOptions,
): Promise<void> {
  await prepareSession(client, script, options.limits);
  for (const statement of script.statements) {
    options.signal.throwIfAborted();
    await runStatement(client, script, statement, options);
  }
  await finish(client, script, record, options.limits);
}

/** The verify block and the history row share a transaction; the file's own statements are committed already. */
async function finish(client: Client, script: Script, record: string, limits: Limits): Promise<void> {
  await runInTransaction(client, { ...script, body: "", statements: [] }, limits, record);
}

async function runStatement(
  client: Client,
  script: Script,
  statement: Statement,
  options: StepwiseOptions,
): Promise<void> {
  // Giving up on a lock would leave an INVALID index: what waits without hurting others is bounded by the statement's limit alone.
  const lockTimeoutSeconds = isConcurrent(statement.node) ? 0 : options.limits.lockTimeoutSeconds;
  await client.query(`set lock_timeout = '${Math.round(lockTimeoutSeconds * 1000)}ms'`);
  const failure = await send(client, discardsAll(statement.node) ? DISCARD_ALL : statement.text);
  if (!failure) return;
  // Not left for the next run: until then it would slow down every write. What matters is why the build failed.
  if (concurrentIndexOf(statement.node)) await clearLeftover(client, statement, options.log).catch(() => {});
  throw failureOf(script, statement, failure);
}

async function clear(client: Client, script: Script, statement: Statement, options: StepwiseOptions) {
  try {
    return await clearLeftover(client, statement, options.log);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw failureOf(script, statement, { error, completed: 0 });
  }
}

function failureOf(script: Script, statement: Statement, failure: MessageFailure): FileFailure {
  const { text, offset } = statement;
  return FileFailure.of(
    script,
    { text, bodyStart: -offset, before: 0, statements: [statement], verify: [] },
    failure,
  );
}

interface Progress {
  statements: number;
  sha256: string;
  /** The transaction that wrote it. */
  writtenBy: string;
}

async function progressOf(
  client: Client,
  place: HistoryPlace,
  version: string,
): Promise<Progress | undefined> {
  const { rows } = await client.query<Progress>(
    `select statements, sha256, xmin::text as "writtenBy" from ${quotedTable(place)} where version = $1 and kind = 'partial'`,
    [version],
  );
  return rows[0];
}

function doneBefore(script: Script, progress: Progress | undefined): number {
  if (!progress) return 0;
  const { statements, sha256 } = progress;
  if (statements <= script.statements.length && prefixHash(script, statements) === sha256) return statements;
  throw new MigrationFailure(
    `${script.file.path}: statements 1 to ${statements} are applied and were edited since; restore them, only what follows may change`,
    script.file.path,
  );
}

function prefixHash(script: Script, statements: number): string {
  const hash = createHash("sha256");
  for (const { text } of script.statements.slice(0, statements)) hash.update(`${text};\n`);
  return hash.digest("hex");
}
